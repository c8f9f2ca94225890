import type { Redis, Result } from 'ioredis';

/** Documents that clients have registered by their hash (Apollo's automatic persisted queries), for every gateway. */
export interface AutomaticDocuments {
  /** @returns the text that has this SHA-256, or null; @throws when the store is away */
  read(hash: string): Promise<string | null>;
  /** Keeps a text under its SHA-256, which the caller has verified. What is too large alone is not kept. */
  write(hash: string, text: string): Promise<void>;
}

export interface AutomaticOptions {
  /** Of one text. */
  readonly maxDocumentBytes: number;
  /** Of all of them: over it those that were used longest ago go. */
  readonly maxBytes: number;
  /** Without use. */
  readonly ttlMs: number;
}

export const DEFAULT_AUTOMATIC_OPTIONS: AutomaticOptions = Object.freeze({
  maxDocumentBytes: 32 * 1024,
  maxBytes: 16 * 1024 * 1024,
  ttlMs: 24 * 3_600_000,
});

const KEYS = ['apq:texts', 'apq:used', 'apq:bytes'] as const;

/** Texts, when each was last used, in microseconds so that none was used with another at once, and what they have together; the three live and end together. */
const WRITE = `
local texts, used, bytes = KEYS[1], KEYS[2], KEYS[3]
local hash, text, ttl, max = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function drop(id)
  redis.call('DECRBY', bytes, redis.call('HSTRLEN', texts, id))
  redis.call('HDEL', texts, id)
  redis.call('ZREM', used, id)
end
for _, id in ipairs(redis.call('ZRANGE', used, '-inf', now - ttl * 1000, 'BYSCORE', 'LIMIT', 0, 100)) do drop(id) end
if redis.call('HSTRLEN', texts, hash) == 0 then
  while tonumber(redis.call('GET', bytes) or 0) + #text > max do
    local oldest = redis.call('ZRANGE', used, 0, 0)[1]
    if not oldest then break end
    drop(oldest)
  end
  redis.call('HSET', texts, hash, text)
  redis.call('INCRBY', bytes, #text)
end
redis.call('ZADD', used, now, hash)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
return 1`;

const READ = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not score or tonumber(score) < now - tonumber(ARGV[2]) * 1000 then return false end
redis.call('ZADD', KEYS[2], now, ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return redis.call('HGET', KEYS[1], ARGV[1])`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    keepDocument(...args: (string | number)[]): Result<number, Context>;
    findDocument(...args: (string | number)[]): Result<string | null, Context>;
  }
}

/** Keeps documents in Redis, never more than `maxBytes` of them. */
export function createRedisDocuments(
  redis: Redis,
  { maxDocumentBytes, maxBytes, ttlMs }: AutomaticOptions = DEFAULT_AUTOMATIC_OPTIONS,
): AutomaticDocuments {
  redis.defineCommand('keepDocument', { numberOfKeys: KEYS.length, lua: WRITE });
  redis.defineCommand('findDocument', { numberOfKeys: KEYS.length, lua: READ });
  return {
    read: (hash) => redis.findDocument(...KEYS, hash, ttlMs),
    write: async (hash, text) => {
      if (Buffer.byteLength(text) <= maxDocumentBytes) await redis.keepDocument(...KEYS, hash, text, ttlMs, maxBytes);
    },
  };
}
