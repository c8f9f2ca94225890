import { type FormEvent, useState } from 'react';
import { ask, type SessionUser } from '../api.ts';
import { ACCESS_REQUESTS, APPROVE_ACCESS, REQUEST_ACCESS, REVOKE_ACCESS } from '../operations.ts';
import { Badge, Empty, Loading, More, Problem } from '../parts/feedback.tsx';
import { useAction, usePages, useWhileSeen } from '../parts/load.ts';

const REFRESH_MS = 3_000;

const load = async (after: string | null) => (await ask(ACCESS_REQUESTS, { after })).privilegedAccessRequests ?? NONE;
const NONE = { edges: [], pageInfo: { hasNextPage: false } };

/** Requests for privileged access: asked for here by the security team, approved here by a platform administrator. */
export function AccessPage({ user }: { readonly user: SessionUser }) {
  const pages = usePages(load);
  const { nodes: requests, error, reload } = pages;
  // The other side approves or revokes; whoever waits sees it.
  useWhileSeen(reload, REFRESH_MS);
  const act = useAction(async (work: () => Promise<unknown>) => {
    await work();
    reload();
  });
  const mayApprove = user.roles.includes('PLATFORM_ADMIN');
  return (
    <>
      <h1>Privileged access</h1>
      {user.roles.includes('SECURITY') ? <RequestForm onDone={reload} /> : null}
      {error || act.error ? <Problem error={error ?? act.error} /> : null}
      {requests ? null : <Loading what="the requests" />}
      {requests?.length === 0 ? <Empty>Nobody has asked for access.</Empty> : null}
      <ul className="list">
        {requests?.map((request) => {
          const input = { requestId: request.id };
          return (
            <li key={request.id} className="panel">
              <div>
                <strong>{request.reason}</strong> <Badge value={request.state} />
                <br />
                <small className="quiet">
                  reading the audit trail for {request.minutes} minutes · asked{' '}
                  {new Date(request.createdAt).toLocaleString()}
                  {request.expiresAt ? ` · ends ${new Date(request.expiresAt).toLocaleTimeString()}` : ''}
                </small>
              </div>
              {mayApprove && request.state === 'PENDING' && request.requester !== user.id ? (
                <button
                  type="button"
                  disabled={act.isBusy}
                  onClick={() => void act.run(() => ask(APPROVE_ACCESS, { input }))}
                >
                  Approve
                </button>
              ) : null}
              {request.state === 'APPROVED' || request.state === 'PENDING' ? (
                <button
                  type="button"
                  className="danger"
                  disabled={act.isBusy}
                  onClick={() => void act.run(() => ask(REVOKE_ACCESS, { input }))}
                >
                  Revoke
                </button>
              ) : null}
            </li>
          );
        })}
      </ul>
      <More pages={pages} what="requests" />
    </>
  );
}

function RequestForm({ onDone }: { readonly onDone: () => void }) {
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(15);
  const { isBusy, error, run } = useAction(async () => {
    await ask(REQUEST_ACCESS, { input: { scope: 'AUDIT_READ', reason, minutes } });
    setReason('');
    onDone();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run();
  };
  return (
    <form className="panel row" onSubmit={submit}>
      <label className="wide">
        Why do you need to read the audit trail?
        <input value={reason} onChange={(event) => setReason(event.target.value)} required maxLength={1000} />
      </label>
      <label>
        Minutes
        <input
          type="number"
          min={1}
          max={240}
          value={minutes}
          onChange={(event) => setMinutes(event.target.valueAsNumber)}
          required
        />
      </label>
      <button type="submit" className="primary" disabled={isBusy}>
        Ask
      </button>
      {error ? <Problem error={error} /> : null}
    </form>
  );
}
