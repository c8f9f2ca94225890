import { GraphQLError } from 'graphql';
import type { FetchKeys } from './fetch-keys.ts';
import { pathOf, type ResponsePath, type Trail } from './path.ts';
import type { FetchNode, Rewrite } from './planner.ts';
import { rewritePath } from './rewrite.ts';

/** The parts of an error that a subgraph sends; over a wire it is plain JSON. */
export type SubgraphError = Pick<GraphQLError, 'message' | 'path' | 'extensions'>;

/** Errors of root fields: their paths are the client's once what the plan renamed has its name back. */
export function rootErrors(errors: readonly SubgraphError[], rewrites: readonly Rewrite[]): GraphQLError[] {
  return errors.map((error) => located(error, error.path && rewritePath(error.path, rewrites)));
}

/** Errors of an entity fetch: `_entities`, index, rest becomes the path of each place that the entity completes, and the rest. */
export function entityErrors(
  errors: readonly SubgraphError[],
  places: readonly (readonly (Trail | null)[])[],
  rewrites: readonly Rewrite[],
): GraphQLError[] {
  return errors.flatMap((error) => {
    const [, index, ...rest] = error.path ?? [];
    const group = typeof index === 'number' ? places[index] : undefined;
    if (!group) return [located(error, undefined)];
    return group.map((trail) => located(error, pathOf(trail, ...rewritePath(rest, rewrites))));
  });
}

/** A fetch as errors speak of it. */
export type Failing = Pick<FetchNode, 'serviceName' | 'operation'>;

/**
 * What clients read about a fetch that did not come back. An error that has a code was written for them; everything else is
 * somebody's stack trace. Of a change that was sent nobody knows whether it was done, and whoever asked for it is told so.
 */
export function fetchError({ serviceName, operation }: Failing, cause: unknown): SubgraphError {
  if (cause instanceof GraphQLError && typeof cause.extensions['code'] === 'string') return cause;
  const mayBeDone = operation.startsWith('mutation') && !isRefused(cause);
  const why = mayBeDone ? 'no answer came, and what it was asked to do may be done' : 'it could not be reached';
  return new GraphQLError(`The part of the answer that comes from ${serviceName} is missing: ${why}.`, {
    originalError: cause instanceof Error ? cause : new Error(String(cause)),
    extensions: { code: 'UPSTREAM_UNAVAILABLE' },
  });
}

/** Nobody listens at the other end, so that nothing of the request can have arrived. */
export function isRefused(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.every(isRefused);
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

/**
 * What clients read where a subgraph answered without what it was asked for, or could not be asked since another one did.
 *
 * @param service null when it cannot be told which
 */
export function leftOutError(service: string | null): SubgraphError {
  const what = service === null ? 'A part of the answer' : `The part of the answer that comes from ${service}`;
  return new GraphQLError(`${what} is missing: that, or what it is asked by, was left out.`, {
    extensions: { code: 'UPSTREAM_UNAVAILABLE' },
  });
}

/** An error whose path has the names of fetches, in the client's. */
export function inClientTerms(error: GraphQLError, keys: FetchKeys): GraphQLError {
  return error.path ? located(error, keys.toClient(error.path)) : error;
}

/** A subgraph's error at a path of the client's answer. */
export function located(error: SubgraphError, path: ResponsePath | undefined): GraphQLError {
  return new GraphQLError(error.message, {
    ...(path ? { path } : {}),
    ...(error instanceof Error ? { originalError: error } : {}),
    ...(error.extensions ? { extensions: error.extensions } : {}),
  });
}
