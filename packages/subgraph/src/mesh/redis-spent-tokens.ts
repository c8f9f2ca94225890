import { createHash } from 'node:crypto';
import { failure } from '@assay/failure';
import { connectRedis } from '../redis.ts';
import { REMEMBERED_MS, type SpentTokens } from '../spent-tokens.ts';

export interface RedisSpentTokensOptions {
  /** Of Redis, as this process's user. */
  readonly url: string;
  /** Its replicas share what is spent; to another subgraph the same token is nothing. */
  readonly subgraph: string;
  /** Is told of a connection that breaks. */
  onError(cause: Error): void;
}

/** Spent tokens of all replicas of a subgraph. */
export interface RedisSpentTokens extends SpentTokens, Disposable {}

/**
 * Keeps spent tokens in Redis, in one command, so that of two replicas that hear one token at the same moment one is first.
 * What cannot be told now fails now, and is not sent again later: a second sending would find the first.
 */
export function openRedisSpentTokens({ url, subgraph, onError }: RedisSpentTokensOptions): RedisSpentTokens {
  const redis = connectRedis(url, onError);
  return {
    spend: async (jti) => {
      try {
        return (await redis.set(keyOf(subgraph, jti), '1', 'PX', REMEMBERED_MS, 'NX')) === 'OK';
      } catch (cause) {
        throw failure('UPSTREAM_UNAVAILABLE', 'Nothing can be changed right now. Try again in a moment.', { cause });
      }
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

/** Hashed: whoever reads Redis learns no `jti`, and a key is as long as any other. */
function keyOf(subgraph: string, jti: string): string {
  return `spent:${subgraph}:${createHash('sha256').update(jti).digest('base64url')}`;
}
