import { GraphQLError, type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { isJsonObject, type Json, type JsonObject, type ResponsePath } from './response.ts';
import type { SelectedField, Selection } from './selection.ts';

/** What projecting looks at besides the response. */
export interface Projection {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly errors: GraphQLError[];
}

/** Thrown up to the nearest field that may be null (GraphQL, section 6.4.4). */
class NullBubble {}
const BUBBLE = new NullBubble();

/**
 * Cuts the client's answer out of what the fetches brought: its fields, its names, its order, and nulls where the schema says so.
 * A null in a place that may not be null takes its parent with it, and leaves one error unless a fetch left one there already.
 *
 * @returns null when it reached the root
 */
export function project(response: JsonObject, selection: Selection, projection: Projection): JsonObject | null {
  try {
    return projectObject(response, selection, [], projection);
  } catch (error) {
    if (error instanceof NullBubble) return null;
    throw error;
  }
}

function projectObject(
  value: JsonObject,
  selection: Selection,
  path: ResponsePath,
  projection: Projection,
): JsonObject {
  const typename = selection.onlyType ?? value['__typename'];
  const fields = typeof typename === 'string' ? selection.fieldsOf(typename) : undefined;
  if (typeof typename !== 'string' || !fields) return bubble(path, projection);
  const projected: JsonObject = {};
  for (const field of fields) {
    if (!isIncluded(field, projection)) continue;
    const at = [...path, field.responseKey];
    const present = field.name === '__typename' ? typename : value[field.responseKey];
    projected[field.responseKey] = projectValue(present ?? null, field.type, field.selection, at, projection);
  }
  return projected;
}

function isIncluded({ conditions }: SelectedField, { variables }: Projection): boolean {
  if (conditions.length === 0) return true;
  return conditions.some((path) => path.every(({ variable, wanted }) => (variables[variable] === true) === wanted));
}

function projectValue(
  value: Json,
  type: GraphQLOutputType,
  selection: Selection | null,
  path: ResponsePath,
  projection: Projection,
): Json {
  if (isNonNullType(type)) {
    const inner = projectNullable(value, type.ofType, selection, path, projection);
    return inner === null ? bubble(path, projection) : inner;
  }
  return projectNullable(value, type, selection, path, projection);
}

function projectNullable(
  value: Json,
  type: GraphQLOutputType,
  selection: Selection | null,
  path: ResponsePath,
  projection: Projection,
): Json {
  if (value === null) return null;
  try {
    if (isListType(type)) {
      if (!Array.isArray(value)) return mismatch(path, projection);
      return value.map((item, index) => projectValue(item, type.ofType, selection, [...path, index], projection));
    }
    if (!selection) return isJsonObject(value) && !isOpaque(type) ? mismatch(path, projection) : value;
    return isJsonObject(value) ? projectObject(value, selection, path, projection) : mismatch(path, projection);
  } catch (error) {
    if (error instanceof NullBubble) return null;
    throw error;
  }
}

/** A scalar of the schema's own may be any JSON; the built-in ones are never objects. */
function isOpaque(type: GraphQLOutputType): boolean {
  return !['String', 'ID', 'Int', 'Float', 'Boolean'].includes(String(type));
}

function mismatch(path: ResponsePath, projection: Projection): null {
  projection.errors.push(
    new GraphQLError('A subgraph answered with something else than the schema promises.', {
      path,
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    }),
  );
  return null;
}

function bubble(path: ResponsePath, projection: Projection): never {
  if (!projection.errors.some((error) => error.path === undefined || concerns(error.path, path))) {
    projection.errors.push(
      new GraphQLError('A subgraph left out what the schema promises.', {
        path,
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      }),
    );
  }
  throw BUBBLE;
}

/** Whether an error stands at a path, above it or below it: then it explains the null. */
function concerns(error: ResponsePath, path: ResponsePath): boolean {
  const length = Math.min(error.length, path.length);
  return error.slice(0, length).every((part, index) => part === path[index]);
}
