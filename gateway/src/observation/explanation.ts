import type { ExecutionResult } from 'graphql';
import type { PlanNode } from '../engine/index.ts';
import { type ToldPlan, tellPlan } from './told-plan.ts';

/** How one request is worked on; grows while it is. */
export interface Explanation {
  /** As `performance.now()` tells it. */
  readonly beganAt: number;
  /** What was found to run; undefined while nothing was, null where no subgraph has to be asked. */
  planned?: { readonly plan: PlanNode | null; readonly isCached: boolean };
  /** What was asked of subgraphs, in order. */
  readonly fetches: SeenFetch[];
}

/** One fetch, as the request saw it. Times in milliseconds. */
export interface SeenFetch {
  readonly query: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isFailed: boolean;
}

/** The context of a request that somebody wants explained; left out, nothing is kept of it. */
export interface Explainable {
  readonly explanation?: Explanation | undefined;
}

export function beginExplanation(): Explanation {
  return { beganAt: performance.now(), fetches: [] };
}

/** Does a fetch, and keeps how long it took. @throws what the fetch throws */
export async function keepFetch<Result>(
  { beganAt, fetches }: Explanation,
  query: string,
  fetch: () => Promise<Result>,
): Promise<Result> {
  const startMs = performance.now() - beganAt;
  const keep = (isFailed: boolean) =>
    fetches.push({ query, startMs, durationMs: performance.now() - beganAt - startMs, isFailed });
  try {
    const result = await fetch();
    keep(false);
    return result;
  } catch (error) {
    keep(true);
    throw error;
  }
}

/** The answer with `extensions.plan`, where there was one to run. */
export function explained(result: ExecutionResult, { planned, fetches }: Explanation): ExecutionResult {
  if (!planned) return result;
  const plan: ToldPlan = tellPlan(planned, fetches);
  return { ...result, extensions: { ...result.extensions, plan } };
}
