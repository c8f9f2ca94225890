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
                {session.userAgent ?? 'unknown program'} · {session.address ?? 'unknown network'} · last used{' '}
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
