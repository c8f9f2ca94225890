import { hash } from 'node:crypto';
import { Redis } from 'ioredis';

/** Longer than this and Redis counts as down. */
const COMMAND_TIMEOUT_MS = 2_000;

/** A connection that knows which life of Redis it speaks to. */
export interface RedisConnection extends Disposable {
  readonly redis: Redis;
  /**
   * The `run_id` of the server at the other end. A command that is sent while it holds is answered by that server or fails,
   * since nothing is queued, resent or moved to another connection.
   *
   * @throws Error while there is no connection
   */
  boot(): string;
  /** Resolves at the first answer of Redis, or when it has been waited for long enough: without it the edge runs, and refuses. */
  met(patienceMs: number): Promise<void>;
}

/** @param url redis://edge:password@host:port */
export function connectRedis(url: string, onError: (cause: unknown) => void): RedisConnection {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
  let runId: string | undefined;
  const meeting = Promise.withResolvers<void>();
  redis.on('error', onError);
  redis.on('close', () => {
    runId = undefined;
  });
  redis.on('ready', () => {
    redis.info('server').then((info) => {
      runId = /^run_id:(\w+)/m.exec(info)?.[1];
      meeting.resolve();
    }, onError);
  });
  return {
    redis,
    boot: () => {
      if (runId === undefined) throw new Error('Redis is not connected.');
      return runId;
    },
    met: async (patienceMs) => {
      const timer = setTimeout(() => meeting.resolve(), patienceMs);
      await meeting.promise;
      clearTimeout(timer);
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** A Lua script, called by its hash, and in full by a Redis that does not know it yet. */
export function createScript(redis: Redis, source: string): Script {
  const sha = hash('sha1', source, 'hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}
