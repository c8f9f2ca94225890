import type { FieldNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Caller, type Denial, denialOf, isMet, type Need } from './need.ts';
import { createSorting } from './sorts.ts';

/** Fields of one document that one sort of caller may not have. */
export type Denied = ReadonlyMap<FieldNode, Denial>;

export const NOTHING_DENIED: Denied = new Map();

/** Kept of one document; further sorts of callers push out those not seen for longest. */
const MAX_SORTS = 64;

/**
 * What `make` makes of a document for a caller: once for each answer that the directives can give, so for each set of the scopes
 * that this document asks for, and never for a user. Whoever may have every field gets what everybody gets.
 *
 * @param guarded the document's fields that ask anything of a caller
 * @param make gets the fields to leave out
 * @returns what it made for a caller; null stands for somebody who may have every field
 */
export function byAccess<Made extends object>(
  guarded: ReadonlyMap<FieldNode, Need>,
  make: (denied: Denied) => Made,
): (caller: Caller | null) => Made {
  const open = make(NOTHING_DENIED);
  if (guarded.size === 0) return () => open;
  const sortOf = createSorting(guarded.values());
  const known = new LRUCache<string, Made>({ max: MAX_SORTS });
  return (caller) => {
    if (caller === null) return open;
    const key = sortOf(caller);
    const found = known.get(key);
    if (found) return found;
    const denied = deniedTo(caller, guarded);
    const made = denied.size === 0 ? open : make(denied);
    known.set(key, made);
    return made;
  };
}

function deniedTo(caller: Caller, guarded: ReadonlyMap<FieldNode, Need>): Denied {
  const denial = denialOf(caller);
  return new Map([...guarded].filter(([, need]) => !isMet(need, caller)).map(([field]) => [field, denial]));
}
