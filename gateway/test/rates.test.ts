import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { redisEyesUrl, startParts, type TestParts } from '../../test/parts.ts';
import { createRateMeter } from '../src/rate/meter.ts';
import { type RatePolicies, ratePolicies } from '../src/rate/policy.ts';
import { createRates, type RatesOptions } from '../src/rate/rates.ts';
import { createRedisWindows } from '../src/rate/window.ts';
import { type DoorsHouse, somebody, startDoorsHouse } from './doors-house.ts';

const WINDOW_MS = 60_000;
const GENEROUS = ratePolicies({ principal: 1e6, address: 1e6, cost: 1e6 });
const policies = (quotas: Partial<Record<keyof RatePolicies, number>>): RatePolicies => ({
  principal: { ...GENEROUS.principal, quota: quotas.principal ?? 1e6, windowMs: WINDOW_MS },
  address: { ...GENEROUS.address, quota: quotas.address ?? 1e6, windowMs: WINDOW_MS },
  cost: { ...GENEROUS.cost, quota: quotas.cost ?? 1e6, windowMs: WINDOW_MS },
});

let parts: TestParts;
let eyes: Redis;
const houses: DoorsHouse[] = [];
const clients: Redis[] = [];
const reported: unknown[] = [];
beforeAll(async () => {
  parts = await startParts(['redis']);
  eyes = new Redis(redisEyesUrl(parts.ground));
  eyes.on('error', () => undefined);
});
beforeEach(() => eyes.flushall());
afterEach(async () => {
  for (const house of houses.splice(0)) await house[Symbol.asyncDispose]();
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(async () => {
  eyes.disconnect();
  await parts[Symbol.asyncDispose]();
});

/** A gateway of its own, that counts in the one Redis. */
async function open(
  quotas: Partial<Record<keyof RatePolicies, number>>,
  whenAway: RatesOptions['whenAway'] = 'open',
): Promise<DoorsHouse> {
  const redis = new Redis(redisUrl(parts.ground, 'limits'), {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    commandTimeout: 500,
  });
  redis.on('error', () => undefined);
  clients.push(redis);
  await new Promise((resolve) => redis.once('ready', resolve));
  const report = (error: unknown) => void reported.push(error);
  const take = createRates({ windows: createRedisWindows(redis), whenAway, report });
  const door = { name: 'sign-in', matches: (path: string) => path === '/session' };
  const house = await startDoorsHouse({
    rates: createRateMeter(policies(quotas), take),
    maxBatch: 10,
    routes: [{ ...door, answer: (_facts, _request, response) => void response.end('{}') }],
  });
  house.tokens.set('bob', somebody('00000000-0000-4000-8000-000000000002'));
  houses.push(house);
  return house;
}

const QUERY = { query: '{ whoAsks }' };
const MUTATION = { query: 'mutation { rename(id: "t3", title: "Thing 3") { id } }' };
const as = (name: string) => ({ authorization: `Bearer ${name}` });
const times = async (house: DoorsHouse, count: number, headers = {}, body: object = QUERY) =>
  (await Promise.all(Array.from({ length: count }, () => house.post(body, headers)))).map(({ status }) => status);
const codes = (statuses: readonly number[]) => ({
  ok: statuses.filter((status) => status === 200).length,
  refused: statuses.filter((status) => status === 429).length,
});

describe('whoever asks too often', () => {
  it('is refused as an account, and told when to come back; others are not', async () => {
    const house = await open({ principal: 20 });
    expect(codes(await times(house, 30, as('ada')))).toEqual({ ok: 20, refused: 10 });
    const { status, headers, json } = await house.post(QUERY, as('ada'));
    expect(status).toBe(429);
    const retryAfterS = Number(headers.get('retry-after'));
    expect(retryAfterS).toBeGreaterThan(0);
    // The rest of the window, and until one of twenty is out of reach in the next.
    expect(retryAfterS).toBeLessThanOrEqual((WINDOW_MS / 1_000) * (1 + 1 / 20));
    expect(headers.get('ratelimit-policy')).toBe('"principal";q=20;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"principal";r=0;t=\d+$/);
    expect(json.errors).toEqual([
      {
        message: `At most 20 operations of one account are taken in 60 seconds. Try again in ${retryAfterS} s.`,
        extensions: {
          code: 'RATE_LIMITED',
          limit: { name: 'rate.principal', maximum: 20, windowS: 60, retryAfterS },
        },
      },
    ]);
    expect((await house.post(QUERY, as('bob'))).status).toBe(200);
    expect((await house.post(QUERY)).status).toBe(200);
  });

  it('is refused as an address, also for what is never answered', async () => {
    const house = await open({ address: 20 });
    expect(codes(await times(house, 10))).toEqual({ ok: 10, refused: 0 });
    await times(house, 5, as('forged'));
    await times(house, 5, {}, { query: '{' });
    expect((await house.post(QUERY)).json.errors?.[0]?.extensions).toMatchObject({ limit: { name: 'rate.address' } });
    expect((await house.post(QUERY, as('ada'))).status).toBe(429);
    const upgrade = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    expect(String(await new Promise((resolve) => upgrade.once('error', resolve)))).toContain('429');
  });

  it('is refused at the doors of signing in too, and still told that we live', async () => {
    const house = await open({ address: 5 });
    const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await house.get('/session')).status));
    expect(codes(statuses)).toEqual({ ok: 5, refused: 3 });
    const { headers, text } = await house.get('/session');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect((await house.post(QUERY)).status).toBe(429);
    expect((await house.get('/health/live')).status).toBe(200);
  });

  it('is refused by what it costs, as an account or as an address', async () => {
    const house = await open({ cost: 100 });
    const dear = { query: '{ things(first: 30) { id } }' };
    expect(codes(await times(house, 5, as('ada'), dear))).toEqual({ ok: 3, refused: 2 });
    expect(codes(await times(house, 5, {}, dear))).toEqual({ ok: 3, refused: 2 });
    expect((await house.post({ query: '{ things(first: 5) { id } }' }, as('ada'))).status).toBe(200);
    expect((await house.post(dear, as('ada'))).json.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      limit: { name: 'rate.cost', maximum: 100 },
    });
  });

  it('is told that it never fits, where one operation is over the whole quota', async () => {
    const house = await open({ cost: 20 });
    const dear = { query: '{ things(first: 30) { id } }' };
    for (const ask of [() => house.post(dear, as('ada')), () => house.post([dear, dear], as('ada'))]) {
      const { headers, text } = await ask();
      expect(headers.has('retry-after')).toBe(false);
      expect(headers.get('ratelimit')).toMatch(/"cost";r=20;t=\d+$/);
      expect(text).toContain(
        '"message":"At most 20 points of estimated cost are taken in 60 seconds. This is more at once, at any time."',
      );
      expect(text).toContain('"limit":{"name":"rate.cost","maximum":20,"windowS":60}');
    }
  });

  it.each([
    ['a document that is wrong', { query: '{ nothing }' }, {}, 200],
    ['a document with too much', { query: `{ ${'whoAsks '.repeat(60)} }` }, {}, 413],
    ['a body that is none', {}, {}, 400],
    ['a token that does not hold', QUERY, { authorization: 'Bearer forged' }, 401],
  ])('is told how it stands with the refusal of %s', async (_name, body, headers, status) => {
    const house = await open({ address: 50 });
    const answer = await house.post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('ratelimit-policy')).toBe('"address";q=50;w=60');
    expect(answer.headers.get('ratelimit')).toMatch(/^"address";r=49;t=\d+$/);
  });

  it('gains nothing by asking for several things at once where lists are taken', async () => {
    const house = await open({ principal: 5 });
    const asked = [...Array.from({ length: 6 }, () => QUERY), { query: '{ nothing }' }, 7];
    const { text, headers } = await house.post(asked, as('ada'));
    expect(headers.get('ratelimit')).toMatch(/"principal";r=0;/);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    const answers = JSON.parse(text) as {
      data?: unknown;
      errors?: { extensions: { code: string } }[];
    }[];
    expect(answers.map(({ data, errors }) => (data ? 'answered' : errors?.[0]?.extensions.code)).sort()).toEqual([
      'BAD_USER_INPUT',
      'GRAPHQL_VALIDATION_FAILED',
      'RATE_LIMITED',
      ...Array.from({ length: 5 }, () => 'answered'),
    ]);
    expect((await house.post(Array.from({ length: 11 }, () => QUERY))).status).toBe(400);
    await eyes.flushall();
    const few = await open({ address: 8 });
    await few.post(Array.from({ length: 7 }, () => QUERY));
    expect([(await few.post(QUERY)).status, (await few.post(QUERY)).status]).toEqual([200, 429]);
  });

  it('is told how it stands with each answer', async () => {
    const house = await open({ principal: 20, address: 50, cost: 100 });
    const { headers } = await house.post({ query: '{ things(first: 30) { id } }' }, as('ada'));
    expect(headers.get('ratelimit-policy')).toBe('"address";q=50;w=60, "principal";q=20;w=60, "cost";q=100;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"address";r=49;t=\d+, "principal";r=19;t=\d+, "cost";r=70;t=\d+$/);
  });

  it('is counted over all gateways, to the last one', async () => {
    const [one, other] = [await open({ principal: 300 }), await open({ principal: 300 })];
    const all = await Promise.all([times(one, 250, as('ada')), times(other, 250, as('ada'))]);
    const { ok, refused } = codes(all.flat());
    // What one gateway has counted ahead the other cannot have: a twentieth each. It is never more than the quota.
    expect(ok).toBeLessThanOrEqual(300);
    expect(ok).toBeGreaterThanOrEqual(270);
    expect(ok + refused).toBe(500);
  });

  it('gets all of the quota at once, and not one more', async () => {
    const house = await open({ principal: 400 });
    expect(codes(await times(house, 450, as('ada')))).toEqual({ ok: 400, refused: 50 });
  });

  it('does not ask Redis for each of many requests', async () => {
    const house = await open({ principal: 10_000, address: 10_000 });
    for (let round = 0; round < 10; round += 1) await times(house, 5, as('ada'));
    const before = await calls();
    for (let round = 0; round < 40; round += 1) await times(house, 5, as('ada'));
    expect((await calls()) - before).toBeLessThan(60);
  });

  it('is refused by Server-Sent Events and by WebSocket', async () => {
    const house = await open({ principal: 1 });
    await house.post(QUERY, as('ada'));
    const events = await house.post(QUERY, { ...as('ada'), accept: 'text/event-stream' });
    expect(events.text).toContain('"code":"RATE_LIMITED"');
    const stream = createSseClient({ url: `${house.url}/graphql`, headers: as('ada'), retryAttempts: 0 });
    for await (const event of stream.iterate({ query: 'subscription { changes { id } }' }))
      expect(event.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', limit: { name: 'rate.principal' } } }]);
    stream.dispose();
    const client = createClient({
      url: `${house.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: as('ada'),
    });
    const told = new Promise((resolve) => {
      client.subscribe(QUERY, { next: resolve, error: resolve, complete: () => undefined });
    });
    expect(JSON.stringify(await told)).toContain('"code":"RATE_LIMITED"');
    await client.dispose();
  });

  async function calls(): Promise<number> {
    const [, count = '0'] = /cmdstat_evalsha:calls=(\d+)/.exec(await eyes.info('commandstats')) ?? [];
    return Number(count);
  }
});

describe('while Redis is away', () => {
  it.each([
    ['open', 200],
    ['closed', 503],
  ] as const)(
    'reads are %s as configured, and nothing is changed',
    async (whenAway, status) => {
      const house = await open({}, whenAway);
      expect((await house.post(MUTATION, as('ada'))).status).toBe(200);
      await parts.kill('redis');
      reported.length = 0;
      const from = performance.now();
      expect(await times(house, 5, as('bob'))).toEqual(Array.from({ length: 5 }, () => status));
      const { status: refused, json } = await house.post(MUTATION, as('bob'));
      expect([refused, json.errors?.[0]?.extensions?.['code']]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
      expect(performance.now() - from).toBeLessThan(2_000);
      expect(reported).not.toEqual([]);
      await parts.restart('redis');
      await expect.poll(async () => (await house.post(MUTATION, as('bob'))).status, { timeout: 10_000 }).toBe(200);
    },
    30_000,
  );

  it('nobody waits long for one that says nothing, and few wait at all', async () => {
    const house = await open({});
    await house.post(QUERY, as('ada'));
    await eyes.client('PAUSE', 2_500, 'ALL');
    const from = performance.now();
    expect(await times(house, 20, as('bob'))).toEqual(Array.from({ length: 20 }, () => 200));
    expect(performance.now() - from).toBeLessThan(1_500);
    const again = performance.now();
    expect(await times(house, 20, as('bob'))).toEqual(Array.from({ length: 20 }, () => 200));
    expect(performance.now() - again).toBeLessThan(400);
    await eyes.ping();
  }, 10_000);
});
