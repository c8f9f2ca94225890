import Bowser from 'bowser';
import { ask, type SessionUser } from '../api.ts';
import { REVOKE_SESSION, SESSIONS } from '../operations.ts';
import { Loading, Problem } from '../parts/feedback.tsx';
import { useAction, useLoad } from '../parts/load.ts';

const load = () => ask(SESSIONS, {});

/** Who one is, where one is signed in, and how to end it. */
export function SessionsPage({ user }: { readonly user: SessionUser }) {
  const { data, error, reload } = useLoad(load);
  const revoke = useAction(async (sessionId: string) => {
    await ask(REVOKE_SESSION, { input: { sessionId } });
    reload();
  });
  return (
    <>
      <h1>Account</h1>
      <Person user={user} />
      <h2>Sessions</h2>
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

/** Who one is here; a seller asks for the tenant's id when he issues a licence. */
function Person({ user: { displayName, email, handle, roles, tenant } }: { readonly user: SessionUser }) {
  return (
    <dl className="panel facts">
      <dt>Name</dt>
      <dd>
        {displayName} ({handle}
        {email ? `, ${email}` : ''})
      </dd>
      <dt>Roles</dt>
      <dd>{roles.map((role) => role.toLowerCase().replaceAll('_', ' ')).join(', ') || 'none'}</dd>
      <dt>Tenant</dt>
      <dd>
        {tenant.name}, {tenant.tier.toLowerCase()}
      </dd>
      <dt>Tenant’s id</dt>
      <dd>
        <code>{tenant.id}</code>{' '}
        <button type="button" onClick={() => void navigator.clipboard.writeText(tenant.id)}>
          Copy
        </button>
      </dd>
    </dl>
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
