import { decodeJwt } from 'jose';
import { LRUCache } from 'lru-cache';

/** Longer than any principal token lives, and the clocks of two machines may differ by. */
const REMEMBERED_MS = 60_000;
/** At a thousand changes a second of one process; what is pushed out sooner would have to be more. */
const MOST = 60_000;

/**
 * Remembers the tokens that changed something, by their `jti`, until they have expired: whoever gets hold of one, by a log or a
 * proxy, cannot have the same change made again.
 *
 * @returns a function that takes a token which was verified already, and answers whether it is the first time
 */
export function createSpentTokens(): (verifiedToken: string) => boolean {
  const spent = new LRUCache<string, true>({ max: MOST, ttl: REMEMBERED_MS });
  return (verifiedToken) => {
    // Not the text: the last character of its signature has spare bits, which a second text may set otherwise.
    const { jti } = decodeJwt(verifiedToken);
    if (jti === undefined || spent.has(jti)) return false;
    spent.set(jti, true);
    return true;
  };
}
