import type { ResponsePath } from './path.ts';
import type { Rewrite } from './planner.ts';
import { isJsonObject, type Json, type JsonObject, valueOf } from './response.ts';

/** Answers whether an object of `typename` satisfies a condition on `condition`, which may be abstract. */
export type TypeMatcher = (typename: string, condition: string) => boolean;

/** Answers whether an object says that it is of one of some types. */
export function satisfies(object: JsonObject, types: readonly string[], matches: TypeMatcher): boolean {
  const typename = object['__typename'];
  return typeof typename === 'string' && types.some((type) => matches(typename, type));
}

/** Applies a plan's rewrite in place: sets a value, or renames a key, at a path of keys and type conditions. */
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
  const present = valueOf(value, segment.key);
  if (depth < rewrite.path.length - 1) {
    if (present !== undefined) applyRewrite(present, rewrite, matches, depth + 1);
  } else if ('setTo' in rewrite.action) {
    value[segment.key] = rewrite.action.setTo;
  } else if (present !== undefined) {
    delete value[segment.key];
    value[rewrite.action.renameTo] = present;
  }
}

/** An error's path in the names that a fetch's answer has once it is rewritten. */
export function rewritePath(path: ResponsePath, rewrites: readonly Rewrite[]): ResponsePath {
  let renamed = path;
  for (const { path: at, action } of rewrites) {
    if (!('renameTo' in action)) continue;
    const keys = at.flatMap((segment) => ('key' in segment ? [segment.key] : []));
    const index = indexOfLast(renamed, keys);
    if (index !== null) renamed = renamed.map((part, nth) => (nth === index ? action.renameTo : part));
  }
  return renamed;
}

/** Where the last of some keys stands in a path that begins with all of them, indexes aside; null when it does not. */
function indexOfLast(path: ResponsePath, keys: readonly string[]): number | null {
  let found = 0;
  for (const [index, part] of path.entries()) {
    if (typeof part === 'number') continue;
    if (part !== keys[found]) return null;
    found += 1;
    if (found === keys.length) return index;
  }
  return null;
}
