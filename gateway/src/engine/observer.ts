import type { PlanNode } from './planner.ts';

/** What a request is executed by. */
export interface Planned {
  /** Null when no subgraph has to be asked. */
  readonly plan: PlanNode | null;
}

/** Looks on while an engine works; it changes nothing. */
export interface Observer<Context> {
  /**
   * Around the finding, or the making, of what one request is executed by.
   *
   * @param work is called once, and what it returns or throws is handed on
   */
  plan<Found extends Planned>(work: () => Found, context: Context): Found;
}

/** Nobody looks on. */
export const UNOBSERVED: Observer<unknown> = { plan: (work) => work() };
