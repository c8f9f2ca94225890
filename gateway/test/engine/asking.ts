import type { ExecutionResult } from 'graphql';
import type { OpenWorld } from './world.ts';

/** An answer as a client reads it. */
export function plain(value: unknown): ExecutionResult {
  return JSON.parse(JSON.stringify(value));
}

/** Asks whichever world is open then. */
export function asking(world: () => OpenWorld) {
  return {
    ask: async (query: string, variables?: Record<string, unknown>) => plain(await world().answer(query, variables)),
    /** Those that were asked, in order. */
    subgraphs: () => world().calls.map(({ subgraph }) => subgraph),
  };
}

/** A subgraph that does not answer. */
export function away(message: string) {
  return () => {
    throw new Error(message);
  };
}

/** What the engine calls the root field in a fetch. */
export function aliasIn(query: string): string {
  return /(\w+):/.exec(query.slice(query.lastIndexOf('{', query.indexOf(':'))))?.[1] ?? '';
}
