import { randomUUID } from 'node:crypto';
import { GRANT_TTL_MS, type Grant } from '@assay/licensing/grants/grant';
import { grantKey } from '@assay/licensing/grants/places';
import { createGrantSeal } from '@assay/licensing/grants/seal';
import { createToken, tokenHash } from '@assay/licensing/grants/token';
import { Redis } from 'ioredis';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { newSecret } from '../../ops/run/secrets.ts';
import { redisEyesUrl, startParts } from '../parts.ts';
import { redeemAll } from './grants/load.ts';
import { type Bench, type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';
import { startServer } from './server.ts';

const CONNECTIONS = 64;
const REDEMPTIONS = 10_000;
const WARM_UP = 5;
const ROUNDS = 20;
const SEAL_KEY = newSecret();

/**
 * Redemptions a second through the edge, against a bare server that does one GETDEL and a 303: the same Redis with the
 * product's durability, the same load, turn by turn in one run, each of the two first in every other round.
 */
export const measureGrants: Bench = async (tell) => {
  await using parts = await startParts(['redis']);
  const redis = new Redis(redisUrl(parts.ground, 'gateway'), { disableClientInfo: true, enableReadyCheck: false });
  const keeper = new Redis(redisEyesUrl(parts.ground));
  await using edge = await startServer('gateway/edge/src/main.ts', {
    ASSAY_METRICS_PORT: '0',
    ASSAY_REDIS_URL: redisUrl(parts.ground, 'edge'),
    ASSAY_GRANT_SEAL_KEY: SEAL_KEY,
    ASSAY_PREVIEW_KEY: newSecret(),
    ASSAY_PORT: '0',
    // Redeeming asks no store, and one address may not be held to its rate here.
    ASSAY_STORE_URL: 'http://127.0.0.1:1',
    ASSAY_STORE_KEY: 'none',
    ASSAY_STORE_SECRET: 'none',
    ASSAY_EDGE_REQUESTS_PER_SECOND: '1000000',
  });
  await using bare = await startServer('test/bench/grants/bare-server.ts', {
    ASSAY_REDIS_URL: redisUrl(parts.ground, 'edge'),
  });
  const rates = { edge: [] as number[], bare: [] as number[] };
  const measure = async (name: 'edge' | 'bare') => {
    // Leases and redemptions of earlier rounds, which in the product end after ten minutes and are drained, burden nobody.
    await keeper.flushall();
    const tokens = await issueGrants(redis, name === 'edge' ? tokenHash : (token) => token);
    const { redeemed, seconds } = await redeemAll(name === 'edge' ? edge.url : bare.url, tokens, CONNECTIONS);
    if (redeemed !== REDEMPTIONS) throw new Error(`${name} redeemed ${redeemed} of ${REDEMPTIONS}.`);
    rates[name].push(redeemed / seconds);
  };
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const name of round % 2 ? (['edge', 'bare'] as const) : (['bare', 'edge'] as const)) await measure(name);
    const [ours, least] = [rates.edge, rates.bare].map((each) => Math.round(each.at(-1) ?? 0));
    if (round % 10 === 9) tell(`round ${round + 1} of ${WARM_UP + ROUNDS}: ${ours} to ${least} redemptions/s`);
  }
  redis.disconnect();
  keeper.disconnect();
  return [resultOf(rates.edge.slice(WARM_UP), rates.bare.slice(WARM_UP))];
};

function resultOf(edge: readonly number[], bare: readonly number[]): BenchResult {
  const ratios = edge.map((rate, round) => rate / (bare[round] ?? Number.NaN));
  const [ours, peer] = [Math.round(medianOf(edge)), Math.round(medianOf(bare))];
  return {
    name: 'grants',
    unit: 'redemptions/s',
    ours,
    peers: { 'bare node:http, GETDEL and 303': peer },
    ratio: twoDigits(ours / peer),
    aim: 'at least 0.7',
    isMet: ours / peer >= 0.7,
    runs: ROUNDS,
    spread: spreadOf(ratios),
  };
}

/** Grants as licensing writes them; the bare server looks up the token itself. */
async function issueGrants(redis: Redis, nameOf: (token: string) => string): Promise<string[]> {
  const seal = createGrantSeal(SEAL_KEY);
  const boot = /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? '';
  const tokens = Array.from({ length: REDEMPTIONS }, createToken);
  for (let from = 0; from < tokens.length; from += 1_000) {
    const pipeline = redis.pipeline();
    for (const token of tokens.slice(from, from + 1_000)) {
      const sealed = seal.seal(grantOf(tokenHash(token), boot));
      pipeline.set(grantKey(nameOf(token)), sealed, 'PX', GRANT_TTL_MS);
    }
    await pipeline.exec();
  }
  return tokens;
}

function grantOf(id: string, boot: string): Grant {
  const [asset, tenant] = [randomUUID(), randomUUID()];
  return {
    id,
    boot,
    asset,
    tenant,
    license: randomUUID(),
    subject: randomUUID(),
    assetEpoch: '0',
    licenseEpoch: '0',
    expiresAt: Date.now() + GRANT_TTL_MS,
    sizeBytes: 2_000_000,
    key: `tenants/${randomUUID()}/media/${asset}/original`,
    version: '01M84333HEE4F7QKFFSE5BAGPF',
    mimeType: 'image/jpeg',
    fileName: 'photo.jpg',
  };
}
