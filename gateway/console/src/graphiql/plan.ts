import type { ExecutionResult } from 'graphql';

/** What the gateway tells of a plan in `extensions.plan`; times in milliseconds. */
export type PlanNode =
  | { readonly kind: 'Sequence' | 'Parallel'; readonly nodes: readonly PlanNode[] }
  | PlanFetch
  | {
      readonly kind: 'Condition';
      readonly variable: string;
      readonly whenTrue: PlanNode | null;
      readonly whenFalse: PlanNode | null;
    }
  | { readonly kind: 'Nothing' };

export interface PlanFetch {
  readonly kind: 'Fetch' | 'Stream';
  readonly subgraph: string;
  readonly paths: readonly string[];
  readonly requires: readonly string[];
  readonly operation: string;
  readonly variables: readonly string[];
  readonly startMs?: number;
  readonly durationMs?: number;
  readonly isFailed?: boolean;
}

export type Plan = PlanNode & { readonly isCached: boolean };

/** The header that asks for it; whoever may not know gets his answer without. */
export const PLAN_HEADER = { 'x-assay-plan': 'on' };

/** Nothing was run yet; nothing ran, as the answer says; the answer came without a plan; or the plan of the last answer. */
export type LastPlan = 'none yet' | 'refused' | 'not told' | Plan;

let last: LastPlan = 'none yet';
const readers = new Set<() => void>();

/** Takes the plan out of an answer, for the panel: the answer is shown without it. */
export function keepPlan(result: ExecutionResult): ExecutionResult {
  const { extensions: { plan, ...extensions } = {}, ...rest } = result;
  // GraphQL, 7.1: an answer without data is of an operation that did not run.
  const withoutPlan = result.errors && result.data === undefined ? 'refused' : 'not told';
  last = isPlan(plan) ? plan : withoutPlan;
  for (const tell of readers) tell();
  return Object.keys(extensions).length > 0 ? { ...rest, extensions } : rest;
}

/** For `useSyncExternalStore`. */
export const plans = {
  subscribe: (tell: () => void) => {
    readers.add(tell);
    return () => void readers.delete(tell);
  },
  last: (): LastPlan => last,
};

/** The gateway is this page's own: what it calls a plan is one. */
function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
