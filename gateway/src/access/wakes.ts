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
 */
export function createRedisWakes(redis: Redis): SessionWakes {
  const listeners = new Set<(sessionId: string) => void>();
  redis.on('pmessage', (pattern: string, channel: string) => {
    if (pattern !== PATTERN) return;
    const sessionId = channel.slice(PATTERN.length - 1);
    for (const heard of listeners) heard(sessionId);
  });
  // ioredis takes it up again after each reconnect.
  redis.psubscribe(PATTERN).catch(() => undefined);
  return {
    listen: (heard) => {
      listeners.add(heard);
      return { [Symbol.dispose]: () => void listeners.delete(heard) };
    },
  };
}
