import type { Place } from './places.ts';
import type { PlanNode, PlanPath } from './planner.ts';
import { isJsonObject, type Json, type JsonObject } from './response.ts';

/**
 * One object for what is the same in several places of a response.
 *
 * Answers repeat themselves: a popular product hangs below every review of it. Where such objects are equal, and everything that
 * follows treats them alike, all places hold the first of them: it is completed once, walked once and projected once. On a query
 * that repeats much this takes a third of the engine's time away; where nothing repeats it costs nothing that can be measured.
 */
export interface Sharing {
  /** What hangs in more than one place. */
  readonly shared: ReadonlySet<Json>;
  /** Puts the first object into another place that one path reaches, when it is equal to what stands there. */
  unite(first: JsonObject, place: Place): boolean;
}

/** Shares nothing: every place keeps an object of its own. */
export const NOTHING_SHARED: Sharing = { shared: new Set(), unite: () => false };

/** @param isSafe as {@link isSharable} says of the plan */
export function createSharing(isSafe: boolean): Sharing {
  if (!isSafe) return NOTHING_SHARED;
  const shared = new Set<Json>();
  return {
    shared,
    unite: (first, { object, holder, key }) => {
      if (first === object) return true;
      if (!isSame(first, object)) return false;
      shared.add(first);
      if (Array.isArray(holder)) holder[Number(key)] = first;
      else holder[key] = first;
      return true;
    },
  };
}

/**
 * Answers whether all objects that a path of a plan reaches are treated alike by the fetches after it. A path with a condition on
 * a type above an object may ask another thing of it there than below another type, under the same name.
 */
export function isSharable(plan: PlanNode | null): boolean {
  switch (plan?.kind) {
    case undefined:
    case 'Fetch':
    case 'Subscription':
      return true;
    case 'Sequence':
    case 'Parallel':
      return plan.nodes.every(isSharable);
    case 'Condition':
      return isSharable(plan.whenTrue) && isSharable(plan.whenFalse);
    case 'Flatten':
      return isPlain(plan.path);
    case 'BatchFetch':
      return plan.batches.every(({ paths }) => paths.every(isPlain));
  }
}

function isPlain(path: PlanPath): boolean {
  return path.every((segment) => segment === '@' || 'field' in segment);
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSame(item, other[at]));
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]));
}
