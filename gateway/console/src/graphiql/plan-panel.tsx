import type { GraphiQLPlugin } from '@graphiql/react';
import { parse, print } from 'graphql';
import { useSyncExternalStore } from 'react';
import { type LastPlan, type PlanFetch, type PlanNode, plans } from './plan.ts';

/** How the gateway ran the last operation, as a tree. */
export const planPlugin: GraphiQLPlugin = { title: 'Plan', icon: PlanIcon, content: PlanPanel };

function PlanPanel() {
  const plan = useSyncExternalStore(plans.subscribe, plans.last);
  return (
    <section className="plan" aria-label="Plan">
      <h2 className="plan-title">Plan</h2>
      {typeof plan === 'string' ? (
        <p>{WHY_NONE[plan]}</p>
      ) : (
        <>
          <p>{plan.isCached ? 'The plan was there already.' : 'The plan was made for this request.'}</p>
          <ul className="plan-tree">
            <Node node={plan} total={endOf(plan)} />
          </ul>
        </>
      )}
    </section>
  );
}

const WHY_NONE: Readonly<Record<Extract<LastPlan, string>, string>> = {
  'none yet': 'Run an operation to see which subgraphs it asks, in which order.',
  refused: 'The operation was refused before it ran, so it has no plan. The answer says why.',
  'not told': 'The gateway told no plan. It tells administrators (the scope plan:read), of queries and mutations.',
};

function Node({ node, total }: { node: PlanNode; total: number }) {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return (
        <li>
          <span className="plan-kind">{node.kind === 'Sequence' ? 'one after the other' : 'at once'}</span>
          <ul>
            {node.nodes.map((each, nth) => (
              <Node key={nth} node={each} total={total} />
            ))}
          </ul>
        </li>
      );
    case 'Condition':
      return (
        <li>
          <span className="plan-kind">
            if <code>${node.variable}</code>
          </span>
          <ul>
            {node.whenTrue ? <Node node={node.whenTrue} total={total} /> : null}
            {node.whenFalse ? <Node node={node.whenFalse} total={total} /> : null}
          </ul>
        </li>
      );
    case 'Nothing':
      return <li>No subgraph is asked.</li>;
    default:
      return (
        <li>
          <Fetch fetch={node} total={total} />
        </li>
      );
  }
}

function Fetch({ fetch, total }: { fetch: PlanFetch; total: number }) {
  const { subgraph, paths, requires, operation } = fetch;
  return (
    <details>
      <summary>
        <strong>{subgraph}</strong>
        {paths.length > 0 ? <code className="plan-path">{paths.join(', ')}</code> : null}
        <span className="plan-time">{timeOf(fetch)}</span>
        <Bar fetch={fetch} total={total} />
      </summary>
      {requires.map((each) => (
        <p key={each}>
          by <code>{each}</code>
        </p>
      ))}
      <pre>{print(parse(operation))}</pre>
    </details>
  );
}

/** When it ran, within the time of all. */
function Bar({ fetch: { startMs, durationMs, isFailed }, total }: { fetch: PlanFetch; total: number }) {
  if (startMs === undefined || durationMs === undefined) return null;
  const share = (ms: number) => (total === 0 ? 0 : (100 * ms) / total);
  return (
    <svg className="plan-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect className="plan-bar-all" width="100" height="4" />
      <rect
        className={isFailed ? 'plan-bar-failed' : 'plan-bar-own'}
        x={share(startMs)}
        width={Math.max(share(durationMs), 0.5)}
        height="4"
      />
    </svg>
  );
}

function timeOf({ startMs, durationMs, isFailed }: PlanFetch): string {
  if (startMs === undefined || durationMs === undefined) return 'not asked';
  return `${isFailed ? 'failed after ' : ''}${durationMs} ms, from ${startMs} ms`;
}

/** When the last fetch had ended. */
function endOf(node: PlanNode): number {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return Math.max(0, ...node.nodes.map(endOf));
    case 'Condition':
      return Math.max(...[node.whenTrue, node.whenFalse].map((each) => (each ? endOf(each) : 0)));
    case 'Nothing':
      return 0;
    default:
      return (node.startMs ?? 0) + (node.durationMs ?? 0);
  }
}

function PlanIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="5" cy="12" r="2.5" />
      <circle cx="19" cy="5" r="2.5" />
      <circle cx="19" cy="19" r="2.5" />
      <path d="M7.5 12h4l5-7M11.5 12l5 7" />
    </svg>
  );
}
