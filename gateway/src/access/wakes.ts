import type { Redis } from 'ioredis';

/** Hints that a session ended, from whichever process ended it. */
export interface SessionWakes {
  /** @param heard gets the session's id */
  listen(heard: (sessionId: string) => void): Disposable;
}

const PATTERN = 'wake:session:*';

/**
 * Listens to Redis. A missed hint costs seconds, not safety: those who hold something of a session also ask the database.
 *
 * @param redis a connection of its own, since a subscriber does nothing else
 * @param missed takes why nothing is heard
 */
export function createRedisWakes(redis: Redis, missed: (error: unknown) => void): SessionWakes {
  const listeners = new Set<(sessionId: string) => void>();
  redis.on('pmessage', (pattern: string, channel: string) => {
    if (pattern !== PATTERN) return;
    const sessionId = channel.slice(PATTERN.length - 1);
    for (const heard of listeners) heard(sessionId);
  });
  const subscribe = () => void redis.psubscribe(PATTERN).catch(missed);
  redis.on('ready', subscribe);
  if (redis.status === 'ready') subscribe();
  return {
    listen: (heard) => {
      listeners.add(heard);
      return { [Symbol.dispose]: () => void listeners.delete(heard) };
    },
  };
}
