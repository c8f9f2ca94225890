import type { Path, PathSegment, RequiredSelection, Rewrite } from './planner.ts';
import { isJsonObject, type Json, type JsonObject, type ResponsePath } from './response.ts';

/** An object of the response that a fetch will complete, and where it stands. */
export interface EntityPlace {
  readonly object: JsonObject;
  readonly path: ResponsePath;
}

/** Answers whether an object of `typename` satisfies a condition on `condition`, which may be abstract. */
export type TypeMatcher = (typename: string, condition: string) => boolean;

/** Every object that a path reaches in the response, in order; nulls end a branch. */
export function placesAt(root: JsonObject, path: Path, matches: TypeMatcher): EntityPlace[] {
  let places: { value: Json | undefined; path: ResponsePath }[] = [{ value: root, path: [] }];
  for (const segment of path) places = places.flatMap((place) => step(place, segment, matches));
  return places.flatMap(({ value, path: at }) => (isJsonObject(value) ? [{ object: value, path: at }] : []));
}

function step(place: { value: Json | undefined; path: ResponsePath }, segment: PathSegment, matches: TypeMatcher) {
  const { value, path } = place;
  if (segment === '@') {
    return Array.isArray(value) ? value.map((item, index) => ({ value: item, path: [...path, index] })) : [];
  }
  if (!isJsonObject(value)) return [];
  if ('field' in segment) return [{ value: value[segment.field], path: [...path, segment.field] }];
  return satisfies(value, segment.types, matches) ? [place] : [];
}

function satisfies(object: JsonObject, types: readonly string[], matches: TypeMatcher): boolean {
  const typename = object['__typename'];
  return typeof typename === 'string' && types.some((type) => matches(typename, type));
}

/** Representations to send, without repeats, and for each the places that its answer completes. */
export interface Representations {
  readonly values: JsonObject[];
  readonly places: EntityPlace[][];
}

/**
 * Makes the representations of the objects at some places (Federation subgraph specification, `_Any`). Equal ones are sent once.
 * An object that lacks what is required, since an earlier fetch failed, is left out: what depends on it stays null.
 */
export function representationsOf(
  places: readonly EntityPlace[],
  requires: readonly RequiredSelection[],
  rewrites: readonly Rewrite[],
  matches: TypeMatcher,
): Representations {
  const values: JsonObject[] = [];
  const groups: EntityPlace[][] = [];
  const known = new Map<string, number>();
  for (const place of places) {
    const value = representationOf(place.object, requires, matches);
    if (value === null) continue;
    for (const rewrite of rewrites) applyRewrite(value, rewrite, matches);
    const key = JSON.stringify(value);
    const index = known.get(key) ?? values.length;
    if (index === values.length) {
      known.set(key, index);
      values.push(value);
      groups.push([]);
    }
    groups[index]?.push(place);
  }
  return { values, places: groups };
}

function representationOf(
  object: JsonObject,
  requires: readonly RequiredSelection[],
  matches: TypeMatcher,
): JsonObject | null {
  const value: JsonObject = {};
  const complete = select(object, requires, value, matches);
  return complete && typeof value['__typename'] === 'string' && Object.keys(value).length > 1 ? value : null;
}

/** @returns whether all that is required was there */
function select(
  object: JsonObject,
  requires: readonly RequiredSelection[],
  into: JsonObject,
  matches: TypeMatcher,
): boolean {
  for (const selection of requires) {
    if (selection.kind === 'Fragment') {
      const typename = object['__typename'];
      if (typeof typename === 'string' && !matches(typename, selection.type)) continue;
      if (!select(object, selection.selections, into, matches)) return false;
      continue;
    }
    const present = object[selection.responseKey];
    if (present === undefined) return false;
    const picked = selection.selections ? pick(present, selection.selections, matches) : present;
    if (picked === undefined) return false;
    into[selection.name] = picked;
  }
  return true;
}

function pick(value: Json, selections: readonly RequiredSelection[], matches: TypeMatcher): Json | undefined {
  if (Array.isArray(value)) {
    const items = value.map((item) => pick(item, selections, matches));
    return items.some((item) => item === undefined) ? undefined : (items as Json[]);
  }
  if (!isJsonObject(value)) return value;
  const into: JsonObject = {};
  return select(value, selections, into, matches) ? into : undefined;
}

/** Applies a plan's rewrite in place: set a value, or rename a key, at a path of keys and type conditions. */
export function applyRewrite(value: Json, rewrite: Rewrite, matches: TypeMatcher, depth = 0): void {
  if (Array.isArray(value)) {
    for (const item of value) applyRewrite(item, rewrite, matches, depth);
    return;
  }
  const segment = rewrite.path[depth];
  if (!isJsonObject(value) || segment === undefined) return;
  if ('types' in segment) {
    if (satisfies(value, segment.types, matches)) applyRewrite(value, rewrite, matches, depth + 1);
    return;
  }
  const present = value[segment.key];
  if (depth < rewrite.path.length - 1) {
    if (present !== undefined) applyRewrite(present, rewrite, matches, depth + 1);
  } else if ('setTo' in rewrite.action) {
    value[segment.key] = rewrite.action.setTo;
  } else if (present !== undefined) {
    delete value[segment.key];
    value[rewrite.action.renameTo] = present;
  }
}
