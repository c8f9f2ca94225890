import Bowser from 'bowser';
import { ask } from '../api.ts';
import { REVOKE_SESSION, SESSIONS } from '../operations.ts';
import { Loading, Problem } from '../parts/feedback.tsx';
import { useAction, useLoad } from '../parts/load.ts';

const load = () => ask(SESSIONS, {});

/** Where one is signed in, and how to end it. */
export function SessionsPage() {
  const { data, error, reload } = useLoad(load);
  const revoke = useAction(async (sessionId: string) => {
    await ask(REVOKE_SESSION, { input: { sessionId } });
    reload();
  });
  return (
    <>
      <h1>Sessions</h1>
      {error || revoke.error ? <Problem error={error ?? revoke.error} /> : null}
      {data ? null : <Loading what="your sessions" />}
      <ul className="list">
        {data?.sessions?.map((session) => (
          <li key={session.id} className="panel">
            <div>
              <strong>{session.current ? 'This session' : 'Signed in'}</strong>{' '}
              {new Date(session.createdAt).toLocaleString()}
              <br />
              <small className="quiet">
                {programOf(session.userAgent)} · {networkOf(session.address)} · last used{' '}
                {new Date(session.lastSeenAt).toLocaleString()}
              </small>
            </div>
            <button
              type="button"
              className="danger"
              disabled={revoke.isBusy}
              onClick={() => void revoke.run(session.id)}
            >
              Revoke
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Such as `Chrome 156 on Linux`; a program that is no browser is called what it calls itself. */
function programOf(userAgent: string | null): string {
  if (!userAgent) return 'unknown program';
  const { browser, os } = Bowser.parse(userAgent);
  if (!browser.name) return userAgent;
  const version = browser.version?.split('.')[0] ?? '';
  return `${browser.name} ${version}${os.name ? ` on ${os.name}` : ''}`;
}

const LOOPBACK = new Set(['127.0.0.0/24', '::/48']);

function networkOf(address: string | null): string {
  if (!address) return 'unknown network';
  return LOOPBACK.has(address) ? 'this machine' : address;
}
