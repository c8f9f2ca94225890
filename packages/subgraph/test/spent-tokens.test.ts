import { randomUUID } from 'node:crypto';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { anonymous, createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import { parse } from 'graphql';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../../../ops/run/parts/redis.ts';
import { redisEyesUrl, startParts, type TestParts } from '../../../test/parts.ts';
import { createSpentTokens, createSubgraphHandler, type SpentTokens } from '../src/index.ts';
import { openRedisSpentTokens } from '../src/mesh/index.ts';

let parts: TestParts;
const held = new DisposableStack();
const broken: Error[] = [];

beforeAll(async () => {
  parts = await startParts(['redis']);
});
afterAll(async () => {
  held.dispose();
  await parts?.[Symbol.asyncDispose]();
});

/** As a process of the mesh opens them: its own user, its own connection. */
function inRedis(subgraph: 'licensing' | 'compliance' = 'licensing') {
  const url = redisUrl(parts.ground, subgraph);
  return held.use(openRedisSpentTokens({ url, subgraph, onError: (cause) => broken.push(cause) }));
}

describe.each<[string, () => SpentTokens]>([
  ['in memory', createSpentTokens],
  ['in Redis', inRedis],
])('spent tokens %s', (_where, open) => {
  it('spend each token once', async () => {
    const tokens = open();
    const [one, other] = [randomUUID(), randomUUID()];
    expect([await tokens.spend(one), await tokens.spend(one), await tokens.spend(other)]).toEqual([true, false, true]);
    expect(await tokens.spend(one)).toBe(false);
  });

  it('let one of many through that come with the same token at the same moment', async () => {
    const tokens = open();
    const jti = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => tokens.spend(jti)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('take whatever is in a token for a name, and nothing else', async () => {
    const tokens = open();
    for (const jti of ['', 'a b\r\nc', '*', 'é'.repeat(10_000), '__proto__'])
      expect([jti, await tokens.spend(jti), await tokens.spend(jti)]).toEqual([jti, true, false]);
  });
});

const key = Buffer.alloc(32, 3).toString('base64url');
const sign = createPrincipalSigner(key, 'stones');

/** One replica of a subgraph, which counts how often it was changed. */
function openReplica(spentTokens: SpentTokens) {
  const seen = { changes: 0 };
  const typeDefs = parse('type Query { changes: Int! } type Mutation { change: Int! }');
  const resolvers = { Query: { changes: () => seen.changes }, Mutation: { change: () => ++seen.changes } };
  const handler = createSubgraphHandler<{ readonly principal: Principal }>({
    name: 'stones',
    schema: buildSubgraphSchema([{ typeDefs, resolvers }]),
    verifyPrincipal: createPrincipalVerifier(key, 'stones'),
    spentTokens,
    openScope: (principal) => ({ context: { principal }, end: async () => undefined }),
    report: () => undefined,
    health: async () => ({}),
  });
  return {
    seen,
    change: (principalToken: string) => handler.execute({ query: 'mutation { change }', principalToken }),
    read: (principalToken: string) => handler.execute({ query: '{ changes }', principalToken }),
  };
}

const codeOf = ({ errors }: Awaited<ReturnType<ReturnType<typeof openReplica>['change']>>) =>
  errors?.map(({ extensions }) => extensions['code']);

describe('two replicas of a subgraph that share a Redis', () => {
  it('change something once with one token, whichever of them hears it first', async () => {
    const [one, other] = [openReplica(inRedis()), openReplica(inRedis())];
    const token = await sign(anonymous('once', null));
    expect(await one.change(token)).toEqual({ data: { change: 1 } });
    for (const again of [other, one, other]) expect(codeOf(await again.change(token))).toEqual(['UNAUTHENTICATED']);
    expect(one.seen.changes + other.seen.changes).toBe(1);
    expect((await other.read(token)).data).toEqual({ changes: 0 });
  });

  it('change it once when both hear it at the same moment', async () => {
    const replicas = [openReplica(inRedis()), openReplica(inRedis())];
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => sign(anonymous(`racing-${n}`, null))));
    await Promise.all(tokens.flatMap((token) => replicas.map((replica) => replica.change(token))));
    expect(replicas.reduce((sum, { seen }) => sum + seen.changes, 0)).toBe(tokens.length);
  });

  it('leave no token in Redis that could be read, and forget each once it has long expired', async () => {
    const jti = randomUUID();
    await inRedis().spend(jti);
    const eyes = new Redis(redisEyesUrl(parts.ground));
    const keys = await eyes.keys('spent:*');
    const livesMs = await Promise.all(keys.map((each) => eyes.pttl(each)));
    eyes.disconnect();
    expect(keys.length).toBeGreaterThan(0);
    for (const each of keys) expect(each).toMatch(/^spent:licensing:[\w-]{43}$/);
    expect(keys.join()).not.toContain(jti);
    for (const ms of livesMs) expect(ms > 30_000 && ms <= 60_000).toBe(true);
  });

  it('do not share with another subgraph, whose process cannot make a token good again either', async () => {
    const jti = randomUUID();
    expect(await inRedis('licensing').spend(jti)).toBe(true);
    expect(await inRedis('compliance').spend(jti)).toBe(true);
    const url = redisUrl(parts.ground, 'compliance');
    const mistaken = held.use(openRedisSpentTokens({ url, subgraph: 'licensing', onError: () => undefined }));
    await expect(mistaken.spend(jti)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('change nothing while Redis is away, say so, still read, and change again once it is back', async () => {
    const replica = openReplica(inRedis());
    const before = await sign(anonymous('before', null));
    expect(codeOf(await replica.change(before))).toBeUndefined();
    await parts.kill('redis');
    const away = await replica.change(await sign(anonymous('away', null)));
    expect(away).toMatchObject({
      errors: [
        {
          message: 'Nothing can be changed right now. Try again in a moment.',
          extensions: { code: 'UPSTREAM_UNAVAILABLE' },
        },
      ],
    });
    expect(replica.seen.changes).toBe(1);
    expect((await replica.read(await sign(anonymous('reader', null)))).data).toEqual({ changes: 1 });
    expect(broken.length).toBeGreaterThan(0);
    await parts.restart('redis');
    await expect.poll(async () => codeOf(await replica.change(await sign(anonymous('back', null))))).toBeUndefined();
    // What was spent before it died is spent after it.
    expect(codeOf(await replica.change(before))).toEqual(['UNAUTHENTICATED']);
  });
});
