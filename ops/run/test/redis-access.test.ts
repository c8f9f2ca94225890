import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { redisUrl } from '../parts/redis.ts';
import { REDIS_USERS, type RedisUser } from '../parts/redis-access.ts';

type Command = readonly [string, ...string[]];

/** What each process does in Redis, and nobody else of the others may. */
const DOES: Readonly<Record<RedisUser, readonly Command[]>> = {
  gateway: [
    ['SET', 'grant:1', 'sealed', 'PX', '300000', 'NX'],
    ['MGET', 'epoch:asset:1', 'epoch:license:1'],
    ['INFO', 'server'],
    ['PUBLISH', 'wake:session:1', ''],
    ['PUBLISH', 'wake:asset:1', ''],
  ],
  media: [
    ['PUBLISH', 'wake:asset:1', ''],
    ['PUBLISH', 'wake:moderation', ''],
    ['SET', 'spent:media:1', '1', 'PX', '60000', 'NX'],
  ],
  licensing: [
    ['SET', 'spent:licensing:1', '1', 'PX', '60000', 'NX'],
    ['SET', 'grant:2', 'sealed', 'PX', '300000', 'NX'],
    ['MGET', 'epoch:asset:1', 'epoch:license:1'],
    ['INFO', 'server'],
  ],
  compliance: [['SET', 'spent:compliance:1', '1', 'PX', '60000', 'NX']],
  sessions: [['PING']],
  limits: [
    ['EVAL', 'return redis.call("INCRBY", KEYS[1], 1)', '1', 'rate:principal:1'],
    ['EVAL', 'return redis.call("HSET", KEYS[1], "hash", "text")', '1', 'apq:texts'],
  ],
  identity: [
    ['PUBLISH', 'wake:session:1', ''],
    ['SET', 'spent:identity:1', '1', 'PX', '60000', 'NX'],
  ],
  worker: [
    ['SET', 'epoch:asset:1', '2'],
    ['SET', 'epoch:preview:1', '2'],
    ['SET', 'epoch:license:owner:1', '2'],
    ['PUBLISH', 'wake:asset:1', ''],
    ['PUBLISH', 'wake:moderation', ''],
  ],
  edge: [
    ['GET', 'lease:1'],
    ['GETDEL', 'grant:1'],
    ['GET', 'epoch:license:1'],
    ['EVAL', 'return redis.call("XADD", KEYS[1], "*", "grant", "1")', '1', 'redemptions'],
    ['INFO', 'server'],
  ],
  drain: [
    ['XGROUP', 'CREATE', 'redemptions', 'audit', '0', 'MKSTREAM'],
    ['XREADGROUP', 'GROUP', 'audit', 'one', 'STREAMS', 'redemptions', '>'],
    ['XACK', 'redemptions', 'audit', '1-1'],
    ['XDEL', 'redemptions', '1-1'],
  ],
};

/** What somebody who took a process over would try. */
const MISCHIEF: Readonly<Record<RedisUser, readonly Command[]>> = {
  gateway: [
    ['GET', 'grant:1'],
    ['SET', 'epoch:asset:1', '1'],
    ['SET', 'lease:1', 'mine'],
    ['XADD', 'redemptions', '*', 'grant', '1'],
    ['EVAL', 'return 1', '0'],
  ],
  media: [
    ['SET', 'grant:1', 'mine'],
    ['PUBLISH', 'wake:session:1', ''],
    ['SET', 'epoch:asset:1', '1'],
    ['SET', 'spent:licensing:1', '1', 'PX', '1'],
    ['GET', 'spent:media:1'],
  ],
  licensing: [
    ['SET', 'spent:media:1', '1', 'PX', '1'],
    ['GET', 'grant:1'],
    ['SET', 'epoch:license:1', '1'],
    ['PUBLISH', 'wake:asset:1', ''],
  ],
  compliance: [
    ['SET', 'spent:identity:1', '1', 'PX', '1'],
    ['DEL', 'spent:compliance:1'],
    ['GET', 'grant:1'],
    ['PUBLISH', 'wake:session:1', ''],
  ],
  sessions: [
    ['PUBLISH', 'wake:session:1', ''],
    ['SET', 'grant:1', 'mine'],
    ['GET', 'epoch:asset:1'],
  ],
  limits: [
    ['EVAL', 'return redis.call("GET", "grant:1")', '0'],
    ['EVAL', 'return redis.call("INCRBY", KEYS[1], 1)', '1', 'epoch:asset:1'],
    ['PUBLISH', 'wake:session:1', ''],
    ['SET', 'grant:1', 'mine'],
  ],
  identity: [
    ['PUBLISH', 'wake:asset:1', ''],
    ['SET', 'grant:1', 'mine'],
    ['SET', 'spent:media:1', '1', 'PX', '1'],
    ['GET', 'epoch:asset:1'],
  ],
  worker: [
    ['SET', 'epoch:license:1', '1'],
    ['GET', 'grant:1'],
    ['PUBLISH', 'wake:session:1', ''],
  ],
  edge: [
    ['SET', 'epoch:asset:1', '1'],
    ['EVAL', 'return redis.call("SET", "epoch:asset:1", "1")', '0'],
    ['EVAL', 'return redis.call("SET", KEYS[1], "1")', '1', 'epoch:asset:1'],
    ['DEL', 'redemptions'],
    ['XRANGE', 'redemptions', '-', '+'],
    ['PUBLISH', 'wake:asset:1', ''],
  ],
  drain: [
    ['XADD', 'redemptions', '*', 'grant', '1'],
    ['DEL', 'redemptions'],
    ['GET', 'grant:1'],
  ],
};

/** What no process may do at all. */
const NEVER: readonly Command[] = [
  ['FLUSHALL'],
  ['CONFIG', 'GET', 'requirepass'],
  ['ACL', 'LIST'],
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['CLIENT', 'LIST'],
  ['SHUTDOWN'],
  ['DEBUG', 'SLEEP', '0'],
  ['SCRIPT', 'FLUSH'],
  ['MODULE', 'LIST'],
  ['PSUBSCRIBE', '*'],
];

describe('Redis', () => {
  let parts: TestParts;
  const clients = new Map<RedisUser, Redis>();
  beforeAll(async () => {
    parts = await startParts(['redis']);
    for (const user of users()) clients.set(user, new Redis(redisUrl(parts.ground, user), { enableReadyCheck: false }));
  });
  afterAll(async () => {
    for (const client of clients.values()) client.disconnect();
    await parts?.[Symbol.asyncDispose]();
  });
  const outcomeOf = async (user: RedisUser, [command, ...args]: Command) =>
    (await clients
      .get(user)
      ?.call(command, args)
      .then(
        () => 'done',
        (error: Error) => error.message,
      )) ?? 'no client';

  it.each(users().flatMap((user) => DOES[user].map((command) => [user, command] as const)))(
    'lets %s do what its work needs: %j',
    async (user, command) => {
      expect(await outcomeOf(user, command)).toBe('done');
    },
  );

  it.each(users().flatMap((user) => [...MISCHIEF[user], ...NEVER].map((command) => [user, command] as const)))(
    'refuses %s anything else: %j',
    async (user, command) => {
      expect(await outcomeOf(user, command)).toMatch(
        /NOPERM|no permission|can't (run|access)|DEBUG command not allowed/i,
      );
    },
  );

  it('answers nobody without a name, and nobody with a wrong password', async () => {
    for (const credentials of ['', 'gateway:wrong@']) {
      const stranger = new Redis(`redis://${credentials}127.0.0.1:${parts.ground.ports.redis}`, {
        enableReadyCheck: false,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
      });
      stranger.on('error', () => undefined);
      await expect(stranger.ping()).rejects.toThrow(/NOAUTH|WRONGPASS|closed/);
      stranger.disconnect();
    }
  });

  it('holds what was answered after it was killed', async () => {
    await clients.get('worker')?.set('epoch:asset:kept', '7');
    await parts.kill('redis');
    await parts.restart('redis');
    await expect(clients.get('gateway')?.mget('epoch:asset:kept')).resolves.toEqual(['7']);
  });
});

function users(): RedisUser[] {
  return Object.keys(REDIS_USERS).filter((name): name is RedisUser => name in REDIS_USERS);
}
