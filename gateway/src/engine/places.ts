import type { Trail } from './path.ts';
import type { PlanPath } from './planner.ts';
import { isJsonObject, type Json, type JsonObject, valueOf } from './response.ts';
import { satisfies, type TypeMatcher } from './rewrite.ts';

/** An object of the response that a fetch will complete, and what holds it: there it can be replaced. */
export interface Place {
  readonly object: JsonObject;
  readonly holder: JsonObject | Json[];
  readonly key: string | number;
}

/** Every object that a path reaches in the response, in order; nulls end a branch. */
export function placesAt(root: JsonObject, path: PlanPath, matches: TypeMatcher, shared: ReadonlySet<Json>): Place[] {
  const places: Place[] = [];
  walk(root, { '': root }, '', { path, matches, places, shared, seen: new Set() }, 0);
  return places;
}

interface Walk {
  readonly path: PlanPath;
  readonly matches: TypeMatcher;
  readonly places: Place[];
  readonly shared: ReadonlySet<Json>;
  /** What hangs in several places is walked once. */
  readonly seen: Set<Json>;
}

function walk(value: Json | undefined, holder: Place['holder'], key: Place['key'], along: Walk, depth: number): void {
  const segment = along.path[depth];
  if (segment === '@' && Array.isArray(value)) return walkItems(value, along, depth);
  if (!isJsonObject(value)) return;
  if (segment === undefined) reach(value, holder, key, along);
  else if (segment === '@') walk(value, holder, key, along, depth + 1);
  else if ('types' in segment) {
    if (satisfies(value, segment.types, along.matches)) walk(value, holder, key, along, depth + 1);
  } else if (isNew(value, along)) walk(valueOf(value, segment.field), value, segment.field, along, depth + 1);
}

/** One `@` stands for all lists within each other, whose items are the next step's. */
function walkItems(items: Json[], along: Walk, depth: number): void {
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    walk(item, items, index, along, Array.isArray(item) ? depth : depth + 1);
  }
}

function reach(object: JsonObject, holder: Place['holder'], key: Place['key'], along: Walk): void {
  if (isNew(object, along)) along.places.push({ object, holder, key });
}

/** A shared object hangs at one depth of one path, so that its second visit would be the first again. */
function isNew(object: JsonObject, { shared, seen }: Walk): boolean {
  if (shared.size === 0 || !shared.has(object)) return true;
  if (seen.has(object)) return false;
  seen.add(object);
  return true;
}

/** Where objects stand; a shared one stands in several places, and the response itself at no step at all. */
export type Trails = ReadonlyMap<JsonObject, readonly (Trail | null)[]>;

/** Finds where each object stands that a path reaches. Only errors ask. */
export function trailsAt(root: JsonObject, path: PlanPath, matches: TypeMatcher): Trails {
  const trails = new Map<JsonObject, (Trail | null)[]>();
  follow(root, { path, matches, trails }, 0, null);
  return trails;
}

interface Following {
  readonly path: PlanPath;
  readonly matches: TypeMatcher;
  readonly trails: Map<JsonObject, (Trail | null)[]>;
}

function follow(value: Json | undefined, along: Following, depth: number, trail: Trail | null): void {
  const segment = along.path[depth];
  if (segment === '@' && Array.isArray(value)) {
    for (const [key, item] of value.entries())
      follow(item, along, Array.isArray(item) ? depth : depth + 1, { before: trail, key });
    return;
  }
  if (!isJsonObject(value)) return;
  if (segment === undefined) keep(value, trail, along);
  else if (segment === '@') follow(value, along, depth + 1, trail);
  else if ('field' in segment)
    follow(valueOf(value, segment.field), along, depth + 1, { before: trail, key: segment.field });
  else if (satisfies(value, segment.types, along.matches)) follow(value, along, depth + 1, trail);
}

function keep(object: JsonObject, trail: Trail | null, { trails }: Following): void {
  const known = trails.get(object);
  if (known) known.push(trail);
  else trails.set(object, [trail]);
}
