import type { Redis } from 'ioredis';
import type { WakeSession } from '../sessions/sessions.ts';

/** The channel that says that a session ended; listeners take all of them with `wake:session:*`. */
export function sessionChannel(sessionId: string): string {
  return `wake:session:${sessionId}`;
}

/**
 * Publishes the end of a session to every gateway. Redis may be away: the end stands in the database, and those who
 * hold something of the session ask there every few seconds.
 */
export function createRedisWake(redis: Redis, missed: (error: unknown) => void): WakeSession {
  return async (sessionId) => {
    if (redis.status !== 'ready') return missed(new Error(`Redis is ${redis.status}.`));
    await redis.publish(sessionChannel(sessionId), sessionId).catch(missed);
  };
}
