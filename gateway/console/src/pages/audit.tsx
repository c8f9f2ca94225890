import { useCallback, useState } from 'react';
import { ask } from '../api.ts';
import { AUDIT } from '../operations.ts';
import { Empty, Loading, Problem } from '../parts/feedback.tsx';
import { useLoad } from '../parts/load.ts';

/** The audit trail, under a live grant. */
export function AuditPage() {
  const [action, setAction] = useState('');
  const [after, setAfter] = useState<string | null>(null);
  const load = useCallback(() => ask(AUDIT, { after, filter: action ? { action } : null }), [after, action]);
  const { data, error } = useLoad(load);
  const page = data?.auditEntries;
  return (
    <>
      <h1>Audit trail</h1>
      <label>
        Action
        <input
          value={action}
          placeholder="asset.moderate"
          onChange={(event) => {
            setAfter(null);
            setAction(event.target.value.trim());
          }}
        />
      </label>
      {error ? <Problem error={error} /> : null}
      {page || error ? null : <Loading what="the trail" />}
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
      {page?.pageInfo.hasNextPage ? (
        <button type="button" onClick={() => setAfter(page.pageInfo.endCursor ?? null)}>
          Older entries
        </button>
      ) : null}
    </>
  );
}
