import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startParts } from '../../../test/parts.ts';
import { parseElsewhere } from '../elsewhere.ts';
import { environmentOf } from '../environment.ts';
import { openGround } from '../ground.ts';
import { redis, redisUrl } from '../parts/redis.ts';
import type { RedisUser } from '../parts/redis-access.ts';
import { choosePorts } from '../ports.ts';
import { verifyListens } from '../reach.ts';

it('a Redis elsewhere is what every process is told of, and where it comes to', { timeout: 60_000 }, async () => {
  await using there = await startParts(['redis']);
  await using here = await startParts([]);
  const { stateDir } = here.ground;
  const urlOf = (user: RedisUser) => redisUrl(there.ground, user);
  const env = {
    ASSAY_REDIS_URL: urlOf('gateway'),
    ...Object.fromEntries(
      (['identity', 'worker', 'edge', 'drain'] as const).map((user) => [
        `ASSAY_REDIS_URL_${user.toUpperCase()}`,
        urlOf(user),
      ]),
    ),
  };
  const ground = openGround({ stateDir, ports: await choosePorts(), elsewhere: parseElsewhere(env) });
  const address = redis.elsewhere?.(ground) ?? '';
  expect(address).toBe(urlOf('gateway'));
  await verifyListens('redis', address);

  const users = { gateway: 'gateway', oidc: 'identity', intake: 'worker', edge: 'edge', redemptions: 'drain' } as const;
  for (const [name, user] of Object.entries(users) as [keyof typeof users, (typeof users)[keyof typeof users]][]) {
    const url = environmentOf(ground, name)['ASSAY_REDIS_URL'] ?? '';
    expect(url).toBe(urlOf(user));
    const client = new Redis(url, { enableReadyCheck: false });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  }
});

it('an address without what belongs to it is named', () => {
  const store = parseElsewhere({ ASSAY_STORE_URL: 'http://127.0.0.1:1' }).store;
  expect(() => store?.credentialsOf('edge')).toThrow('ASSAY_STORE_KEY is missing');
  expect(() => parseElsewhere({ ASSAY_OIDC_ISSUER: 'http://127.0.0.1:1' })).toThrow('ASSAY_OIDC_CLIENT_SECRET');
});
