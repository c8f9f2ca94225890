/** Where something stands in the client's response, as GraphQL errors say it (section 7.1.2). */
export type ResponsePath = readonly (string | number)[];

/** A path that shares its beginning with others; it becomes a list only when an error needs it. */
export interface Trail {
  readonly before: Trail | null;
  readonly key: string | number;
}

/** The whole path of a trail, and what follows it. */
export function pathOf(trail: Trail | null, ...rest: ResponsePath): ResponsePath {
  const path: (string | number)[] = [];
  for (let at = trail; at; at = at.before) path.push(at.key);
  return [...path.reverse(), ...rest];
}
