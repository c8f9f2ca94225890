import { failure } from '@assay/failure';
import type { ExecutionResult } from 'graphql';
import type { Ready } from './documents.ts';

/** An operation that somebody wants to run, at whichever door. */
export interface AskedOperation {
  readonly ready: Ready;
  readonly operationName: string | undefined;
  /** As they were sent. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Null: a visitor who is not signed in. */
  readonly subject: string | null;
  /** Whether the answer tells its cost. */
  readonly wantsCost: boolean;
}

/** An operation that may run. */
export interface Admitted {
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
 * @throws GraphQLError TOO_COMPLEX; Failure UNAUTHENTICATED where a visitor asks about the schema and may not
 */
export type Admit = (asked: AskedOperation) => Promise<Admitted>;

const AS_IT_IS: Admitted = { complete: (result) => result };

export function createAdmit({ introspection }: Manners): Admit {
  return async ({ ready, operationName, variables, subject, wantsCost }) => {
    if (introspection === 'signed-in' && subject === null && ready.asksSchema)
      throw failure('UNAUTHENTICATED', 'The schema is shown to whoever is signed in.');
    const cost = ready.costOf(operationName);
    if (!cost) return AS_IT_IS;
    const estimated = cost.verify(variables);
    if (!wantsCost) return AS_IT_IS;
    return {
      complete: (result) => ({
        ...result,
        extensions: {
          ...result.extensions,
          cost: { estimated, actual: cost.count(result.data), maximum: cost.maximum },
        },
      }),
    };
  };
}
