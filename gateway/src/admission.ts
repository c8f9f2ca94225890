import { failure } from '@assay/failure';
import type { ExecutionResult } from 'graphql';
import type { Ready } from './documents.ts';
import type { Meters } from './meters.ts';
import type { RateMeter } from './rate/meter.ts';
import type { Standing } from './rate/policy.ts';

/** An operation that somebody wants to run, at whichever door. */
export interface AskedOperation {
  readonly ready: Ready;
  readonly operationName: string | undefined;
  /** As they were sent. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Null: a visitor who is not signed in. */
  readonly subject: string | null;
  /** The peer's, whole. */
  readonly address: string | null;
  /** Whether the answer tells its cost. */
  readonly wantsCost: boolean;
}

/** An operation that may run. */
export interface Admitted {
  /** How the one who asks stands with what may be asked. */
  readonly standings: readonly Standing[];
  /** Whether `complete` looks at the data. */
  readonly readsData: boolean;
  /** Adds to an answer what was asked for beside its data. */
  complete(result: ExecutionResult): ExecutionResult;
}

export interface Manners {
  /** Who may ask about the schema. */
  readonly introspection: 'everybody' | 'signed-in';
}

export const DEFAULT_MANNERS: Manners = { introspection: 'everybody' };

/**
 * Decides whether an operation may run, before anything is asked of a subgraph.
 *
 * @throws GraphQLError TOO_COMPLEX; Failure UNAUTHENTICATED where a visitor asks about the schema and may not; RateLimited
 */
export type Admit = (asked: AskedOperation) => Promise<Admitted>;

/**
 * @param rates null: nobody counts
 * @param meters left out: nobody keeps figures
 */
export function createAdmit(
  { introspection }: Manners,
  rates: RateMeter | null = null,
  meters?: Pick<Meters, 'cost'>,
): Admit {
  return async ({ ready, operationName, variables, subject, address, wantsCost }) => {
    if (introspection === 'signed-in' && subject === null && ready.asksSchema)
      throw failure('UNAUTHENTICATED', 'The schema is shown to whoever is signed in.');
    const cost = ready.costOf(operationName);
    // No operation of that name: the engine tells it better.
    if (!cost) return { standings: [], readsData: false, complete: asItIs };
    const estimated = cost.verify(variables);
    meters?.cost.observe(ESTIMATED, estimated);
    const standings = rates
      ? await rates.admit({ subject, address, cost: estimated, isMutation: cost.isMutation })
      : [];
    if (!wantsCost) return { standings, readsData: false, complete: asItIs };
    const told = (data: unknown) => {
      const actual = cost.count(data);
      meters?.cost.observe(ACTUAL, actual);
      return { estimated, actual, maximum: cost.maximum };
    };
    return {
      standings,
      readsData: true,
      complete: (result) => ({ ...result, extensions: { ...result.extensions, cost: told(result.data) } }),
    };
  };
}

const ESTIMATED = { kind: 'estimated' };
const ACTUAL = { kind: 'actual' };

function asItIs(result: ExecutionResult): ExecutionResult {
  return result;
}
