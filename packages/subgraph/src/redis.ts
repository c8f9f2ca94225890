import { Redis } from 'ioredis';

/**
 * A connection that answers soon or fails: what is said while Redis is away is not said later.
 *
 * @param url of Redis, as the process's user
 * @param onError is told of a connection that breaks
 */
export function connectRedis(url: string, onError: (cause: Error) => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    disableClientInfo: true,
    commandTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
  redis.on('error', onError);
  return redis;
}
