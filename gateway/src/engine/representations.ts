import { type Place, placesAt } from './places.ts';
import type { PlanPath, RequiredFragment, RequiredSelection, Rewrite } from './planner.ts';
import type { Types } from './public-schema.ts';
import { isJsonObject, type Json, type JsonObject, valueOf } from './response.ts';
import { applyRewrite } from './rewrite.ts';
import type { Sharing } from './sharing.ts';

/** Representations to send, without repeats, and for each the objects that its answer completes. */
export interface Representations {
  readonly values: JsonObject[];
  /** Each value as JSON. */
  readonly texts: string[];
  readonly objects: JsonObject[][];
}

/** What a fetch of entities asks for, and of which objects. */
export interface Requirement {
  readonly paths: readonly PlanPath[];
  readonly requires: readonly RequiredSelection[];
  readonly inputRewrites: readonly Rewrite[];
}

interface Given {
  readonly response: JsonObject;
  readonly types: Pick<Types, 'matches'>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly sharing: Sharing;
}

/**
 * Makes the representations of the objects at some places (Federation subgraph specification, `_Any`). Equal ones are sent once.
 * An object that lacks what is required, since an earlier fetch failed or told nothing of it, is left out: what depends on it stays null.
 */
export function representationsOf({ paths, requires, inputRewrites }: Requirement, given: Given): Representations {
  const found: Representations = { values: [], texts: [], objects: [] };
  const known = new Map<string, Group>();
  for (const path of paths) {
    for (const place of placesAt(given.response, path, given.types.matches, given.sharing.shared)) {
      const value = representationOf(place.object, requires, given);
      if (value === null) continue;
      for (const rewrite of inputRewrites) applyRewrite(value, rewrite, given.types.matches);
      const text = textOf(value);
      if (text === null) continue;
      const group = known.get(text);
      if (group) join(group, place, path, given.sharing);
      else known.set(text, begin(found, value, text, { path, first: place.object, objects: [place.object] }));
    }
  }
  return found;
}

/** Only what one path reaches is completed alike by whatever follows. */
function join(group: Group, place: Place, path: PlanPath, sharing: Sharing): void {
  if (group.path !== path) {
    group.path = path;
    group.first = place.object;
    group.objects.push(place.object);
  } else if (!sharing.unite(group.first, place)) group.objects.push(place.object);
}

/** Null for what is too deep to be printed: a key is no such thing, and what asks by it stays null. */
function textOf(value: JsonObject): string | null {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Objects of one representation, and the first of them that the latest path reached. */
interface Group {
  path: PlanPath;
  first: JsonObject;
  readonly objects: JsonObject[];
}

function begin({ values, texts, objects }: Representations, value: JsonObject, text: string, group: Group): Group {
  values.push(value);
  texts.push(text);
  objects.push(group.objects);
  return group;
}

/** Null when a part of it is missing, and when it would be nothing but a type's name: that is nobody's key. */
function representationOf(object: JsonObject, requires: readonly RequiredSelection[], given: Given): JsonObject | null {
  const value: JsonObject = {};
  const isComplete = select(object, requires, value, given);
  return isComplete && typeof value['__typename'] === 'string' && Object.keys(value).length > 1 ? value : null;
}

/** @returns whether all that is required was there */
function select(object: JsonObject, requires: readonly RequiredSelection[], into: JsonObject, given: Given): boolean {
  for (const selection of requires) {
    if (selection.kind === 'Fragment') {
      if (applies(object, selection, given) && !select(object, selection.selections, into, given)) return false;
      continue;
    }
    const present = valueOf(object, selection.responseKey);
    if (present === undefined) return false;
    const picked = selection.selections ? pick(present, selection.selections, given) : present;
    if (picked === undefined) return false;
    into[selection.name] = picked;
  }
  return true;
}

function applies(object: JsonObject, { type, condition }: RequiredFragment, { types, variables }: Given): boolean {
  if (condition && (variables[condition.variable] === true) !== condition.wanted) return false;
  const typename = object['__typename'];
  return typeof typename !== 'string' || types.matches(typename, type);
}

function pick(value: Json, selections: readonly RequiredSelection[], given: Given): Json | undefined {
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (const item of value) {
      const picked = pick(item, selections, given);
      if (picked === undefined) return undefined;
      items.push(picked);
    }
    return items;
  }
  if (!isJsonObject(value)) return value;
  const into: JsonObject = {};
  return select(value, selections, into, given) ? into : undefined;
}
