/** JSON as it came from a subgraph or goes to a client. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Answers whether a value is an object and neither a list nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What an object has under a name that may be anything: `constructor` and `toString` are fields like others, while every object
 * inherits functions of such names. JSON knows no functions; `__proto__`, which is inherited and none, is no name that gets here.
 */
export function valueOf(object: JsonObject, key: string): Json | undefined {
  const found = object[key];
  return typeof found === 'function' ? undefined : found;
}

/**
 * Merges what a fetch brought into the response, in place: objects by key, lists item by item. What is already there stays
 * where both have a leaf; a hole that an earlier fetch left by failing (null) stays a hole.
 *
 * @param onNull gets each object that is there already where the fetch brought null
 */
export function mergeInto(target: JsonObject, source: JsonObject, onNull?: (present: JsonObject) => void): void {
  for (const key in source) {
    const incoming = source[key];
    if (incoming === undefined || key === '__proto__') continue;
    const present = valueOf(target, key);
    if (present === undefined) target[key] = incoming;
    else if (typeof present === 'object') mergeValue(present, incoming, onNull);
  }
}

function mergeValue(
  present: Json | undefined,
  incoming: Json | undefined,
  onNull: ((present: JsonObject) => void) | undefined,
): void {
  if (isJsonObject(present)) {
    if (isJsonObject(incoming)) mergeInto(present, incoming, onNull);
    else if (incoming === null) onNull?.(present);
  } else if (Array.isArray(present) && Array.isArray(incoming))
    for (const [index, item] of incoming.entries()) mergeValue(present[index], item, onNull);
}

/** Lists and objects within each other that are read; JSON.stringify ends at some thousands. */
const MAX_DEPTH = 1_000;

/** Answers whether a value can be printed: nobody has more within each other for good reasons. */
export function isShallow(value: Json | undefined, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === MAX_DEPTH) return false;
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.every((each) => isShallow(each, depth + 1));
}

/** The same JSON in objects of its own. */
export function cloneJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map(cloneJson) : cloneObject(value);
}

/** The same object in objects of its own. */
export function cloneObject(value: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const inner = value[key];
    if (inner !== undefined && key !== '__proto__') copy[key] = cloneJson(inner);
  }
  return copy;
}
