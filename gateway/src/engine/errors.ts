import { GraphQLError } from 'graphql';
import type { EntityPlace } from './entities.ts';
import type { ResponsePath } from './response.ts';

/** The parts of an error that a subgraph sends; over a wire it is plain JSON. */
type SubgraphError = Pick<GraphQLError, 'message' | 'path' | 'extensions'>;

/** Errors of root fields: their paths are the client's already. */
export function rootErrors(errors: readonly SubgraphError[]): GraphQLError[] {
  return errors.map((error) => located(error, error.path));
}

/** Errors of an entity fetch: `_entities`, index, rest becomes the path of each place that the entity completes, and the rest. */
export function entityErrors(errors: readonly SubgraphError[], places: readonly EntityPlace[][]): GraphQLError[] {
  return errors.flatMap((error) => {
    const [, index, ...rest] = error.path ?? [];
    const group = typeof index === 'number' ? places[index] : undefined;
    if (!group) return [located(error, places[0]?.[0]?.path)];
    return group.map((place) => located(error, [...place.path, ...rest]));
  });
}

/** A fetch of root fields that did not come back. */
export function fetchFailure(service: string, error: Error): GraphQLError {
  return unavailable(service, error, undefined);
}

/** A fetch of entities that did not come back: an error at the first place of each. */
export function entityFailure(service: string, error: Error, places: readonly EntityPlace[][]): GraphQLError[] {
  return places.flatMap((group) => (group[0] ? [unavailable(service, error, group[0].path)] : []));
}

function unavailable(service: string, cause: Error, path: ResponsePath | undefined): GraphQLError {
  if (cause instanceof GraphQLError && typeof cause.extensions['code'] === 'string')
    return located(cause, path ?? cause.path);
  return new GraphQLError(`The part of the answer that comes from ${service} is missing: it could not be reached.`, {
    ...(path ? { path } : {}),
    originalError: cause,
    extensions: { code: 'UPSTREAM_UNAVAILABLE' },
  });
}

function located(error: SubgraphError, path: ResponsePath | undefined): GraphQLError {
  return new GraphQLError(error.message, {
    ...(path ? { path } : {}),
    ...(error instanceof Error ? { originalError: error } : {}),
    ...(error.extensions ? { extensions: error.extensions } : {}),
  });
}
