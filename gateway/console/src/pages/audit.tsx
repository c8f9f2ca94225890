import { type FormEvent, useCallback, useState } from 'react';
import { ask } from '../api.ts';
import { AUDIT } from '../operations.ts';
import { Empty, Loading, Problem } from '../parts/feedback.tsx';
import { useLoad } from '../parts/load.ts';

/** What was asked for, by the button and not by each key. */
interface Asked {
  readonly action: string;
  readonly after: string | null;
}

/** The audit trail, under a live grant. */
export function AuditPage() {
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState<Asked | null>(null);
  const load = useCallback(async () => {
    if (!asked) return null;
    const { action, after } = asked;
    return (await ask(AUDIT, { after, filter: action ? { action } : null })).auditEntries;
  }, [asked]);
  const { data: page, error } = useLoad(load);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ action: typed.trim(), after: null });
  };
  return (
    <>
      <h1>Audit trail</h1>
      <form className="row" onSubmit={submit}>
        <label>
          Action, or nothing for all
          <input value={typed} placeholder="asset.moderate" onChange={(event) => setTyped(event.target.value)} />
        </label>
        <button type="submit" className="primary">
          Read
        </button>
        <small className="quiet">Each reading is an entry of the trail itself.</small>
      </form>
      {error ? <Problem error={error} /> : null}
      {asked && !page && !error ? <Loading what="the trail" /> : null}
      {page?.edges.length === 0 ? <Empty>No entry.</Empty> : null}
      {page && page.edges.length > 0 ? (
        <div className="scroll">
          <table>
            <caption>Entries, the newest first. Your reading is one of them.</caption>
            <thead>
              <tr>
                {['When', 'Action', 'Outcome', 'Subject', 'Actor', 'Network'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {page.edges.map(({ node }) => (
                <tr key={node.id}>
                  <td>{new Date(node.at).toLocaleString()}</td>
                  <td>{node.action}</td>
                  <td>{node.outcome}</td>
                  <td>
                    <code>{node.subject}</code>
                  </td>
                  <td>
                    <code>{node.actor}</code>
                  </td>
                  <td>{node.address ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {asked && page?.pageInfo.hasNextPage ? (
        <button type="button" onClick={() => setAsked({ ...asked, after: page.pageInfo.endCursor ?? null })}>
          Older entries
        </button>
      ) : null}
    </>
  );
}
