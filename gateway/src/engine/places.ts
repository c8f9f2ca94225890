import type { Trail } from './path.ts';
import type { PlanPath } from './planner.ts';
import { isJsonObject, type Json, type JsonObject } from './response.ts';
import { satisfies, type TypeMatcher } from './rewrite.ts';

/** An object of the response that a fetch will complete, and where it stands. */
export interface EntityPlace {
  readonly object: JsonObject;
  readonly trail: Trail | null;
}

/** Every object that a path reaches in the response, in order; nulls end a branch. */
export function placesAt(root: JsonObject, path: PlanPath, matches: TypeMatcher): EntityPlace[] {
  const places: EntityPlace[] = [];
  walk(root, { path, matches, places }, 0, null);
  return places;
}

interface Walk {
  readonly path: PlanPath;
  readonly matches: TypeMatcher;
  readonly places: EntityPlace[];
}

function walk(value: Json | undefined, along: Walk, depth: number, trail: Trail | null): void {
  const segment = along.path[depth];
  if (segment === '@' && Array.isArray(value)) return walkItems(value, along, depth, trail);
  if (!isJsonObject(value)) return;
  if (segment === undefined) along.places.push({ object: value, trail });
  else if (segment === '@') walk(value, along, depth + 1, trail);
  else if ('field' in segment) walk(value[segment.field], along, depth + 1, { before: trail, key: segment.field });
  else if (satisfies(value, segment.types, along.matches)) walk(value, along, depth + 1, trail);
}

/** One `@` stands for all lists within each other, whose items are the next step's. */
function walkItems(items: readonly Json[], along: Walk, depth: number, before: Trail | null): void {
  for (const [key, item] of items.entries())
    walk(item, along, Array.isArray(item) ? depth : depth + 1, { before, key });
}
