/** JSON as it came from a subgraph or goes to a client. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** Where an error or an entity stands in the client's response. */
export type ResponsePath = readonly (string | number)[];

/** Answers whether a value is an object and neither a list nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Merges what a fetch brought into the response, in place: objects by key, lists item by item. What is already there stays
 * where both have a leaf; a hole that an earlier fetch left by failing (null) stays a hole.
 */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) {
    const incoming = source[key];
    if (incoming === undefined || key === '__proto__') continue;
    const present = target[key];
    if (present === undefined) target[key] = incoming;
    else if (isJsonObject(present) && isJsonObject(incoming)) mergeInto(present, incoming);
    else if (Array.isArray(present) && Array.isArray(incoming)) mergeLists(present, incoming);
  }
}

function mergeLists(target: Json[], source: readonly Json[]): void {
  for (const [index, incoming] of source.entries()) {
    const present = target[index];
    if (isJsonObject(present) && isJsonObject(incoming)) mergeInto(present, incoming);
    else if (Array.isArray(present) && Array.isArray(incoming)) mergeLists(present, incoming);
  }
}
