import { failure } from '@assay/failure';
import { decodeJwt } from 'jose';
import { LRUCache } from 'lru-cache';

/** Longer than any principal token lives, and the clocks of two machines may differ by. */
export const REMEMBERED_MS = 60_000;
/** At a thousand changes a second of one process; what is pushed out sooner would have to be more. */
const MOST = 60_000;

/** The tokens that changed something, until they have expired: whoever gets hold of one, by a log or a proxy, changes nothing with it. */
export interface SpentTokens {
  /**
   * @param jti of a token that was verified
   * @returns whether it is the first time, for all who share these
   * @throws Failure UPSTREAM_UNAVAILABLE when that cannot be known; then nothing may be changed
   */
  spend(jti: string): Promise<boolean>;
}

/** In this process's memory: right where nobody else takes the same tokens. */
export function createSpentTokens(): SpentTokens {
  const spent = new LRUCache<string, true>({ max: MOST, ttl: REMEMBERED_MS });
  return {
    spend: async (jti) => {
      if (spent.has(jti)) return false;
      spent.set(jti, true);
      return true;
    },
  };
}

/**
 * Spends a token on a change. The verifier has seen to it that it is ours; a second time it may read, and change nothing.
 *
 * @throws Failure UNAUTHENTICATED, UPSTREAM_UNAVAILABLE
 */
export async function spendOnce(tokens: SpentTokens, verifiedToken: string): Promise<void> {
  // Not the text: the last character of its signature has spare bits, which a second text may set otherwise.
  const { jti } = decodeJwt(verifiedToken);
  if (typeof jti !== 'string' || !(await tokens.spend(jti)))
    throw failure('UNAUTHENTICATED', 'This request carries no valid principal.');
}
