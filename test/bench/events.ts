import { openDatabase } from '@assay/media/adapters/database';
import { connectWakes } from '@assay/media/adapters/redis-wakes';
import { assetChannel, MODERATION_CHANNEL } from '@assay/media/events/wake';
import { openRun } from '@assay/media/runs/asset-run';
import { Redis } from 'ioredis';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { openUpload, ROCKET } from '../scenarios/cast.ts';
import { callerOf, startSystem } from '../system.ts';
import { listenBare, subscribe } from './events/subscribers.ts';
import { type Bench, type BenchResult, medianOf, quantileOf, spreadOf, twoDigits } from './result.ts';
import { startServer } from './server.ts';

const AUTHOR = 'author@northlight.test';
const SUBSCRIBERS = 200;
const WARM_UP = 5;
const ROUNDS = 40;
const PATIENCE_MS = 10_000;

/**
 * From the commit of an event to each of 200 clients, half of them on WebSockets and half on event streams, in milliseconds:
 * rights and rows looked at, by the product's own writer, gateway and subgraph. Beside it, turn by turn, the least that any
 * fan-out costs: the same commit, a word of Redis, a bare server of sockets.
 */
export const measureEvents: Bench = async (tell) => {
  await using system = await startSystem();
  const { ground } = system;
  const { assetId } = await openUpload(await callerOf(ground, AUTHOR), ROCKET);
  const database = openDatabase(databaseUrl(ground, 'intake_worker'), 2);
  await using wakes = connectWakes(redisUrl(ground, 'worker'), (cause) => {
    throw cause;
  });
  const publisher = new Redis(redisUrl(ground, 'worker'), { disableClientInfo: true, enableReadyCheck: false });
  await using bare = await startServer('test/bench/events/bare-server.ts', {
    ASSAY_REDIS_URL: redisUrl(ground, 'gateway'),
  });
  const opened = await openRun(database, assetId, 'bench', async () => null);
  if (!opened) throw new Error('There is nothing to tell of.');
  const { run } = opened;

  const arrivals = createArrivals(SUBSCRIBERS);
  const url = `${urlsOf(ground).gateway}/graphql`;
  const end = subscribe(url, await tokenOf(ground, AUTHOR), assetId, SUBSCRIBERS, arrivals.ours, arrivals.failed);
  const endBare = await listenBare(bare.url, SUBSCRIBERS, arrivals.bare);
  const commit = (number: number) =>
    run.tell({
      type: 'PROGRESS',
      state: run.asset.state,
      stage: 'RECEIVE',
      progressDone: BigInt(number),
      progressTotal: 1_000_000n,
    });
  const latencies = { ours: [] as number[][], bare: [] as number[][] };
  const measure = async (name: 'ours' | 'bare', number: number) => {
    await commit(number);
    const from = performance.now();
    if (name === 'ours') wakes.wake(assetChannel(assetId));
    else publisher.publish(MODERATION_CHANNEL, String(number)).catch(arrivals.failed);
    const at = await arrivals.all(name, number);
    latencies[name].push(at.map((time) => time - from));
  };
  let number = 0;
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const name of round % 2 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
      await measure(name, ++number);
      // Those who follow get what was committed for the others' turn, too.
      if (name === 'bare') await measureAside(number);
    }
    const [ours, least] = [latencies.ours, latencies.bare].map((each) => twoDigits(medianOf(each.at(-1) ?? [])));
    if (round % 15 === 14) tell(`round ${round + 1} of ${WARM_UP + ROUNDS}: ${ours} ms to ${least} ms`);
  }
  end();
  endBare();
  publisher.disconnect();
  await database.$disconnect();
  return [resultOf(latencies.ours.slice(WARM_UP), latencies.bare.slice(WARM_UP))];

  /** Lets the followers catch up with an event that was not theirs to be measured by. */
  async function measureAside(told: number): Promise<void> {
    wakes.wake(assetChannel(assetId));
    await arrivals.all('ours', told);
  }
};

/** Who got which number when. */
function createArrivals(count: number) {
  const seen = { ours: new Map<number, number[]>(), bare: new Map<number, number[]>() };
  const waiting = new Map<string, () => void>();
  let failure: unknown;
  const arrive = (name: 'ours' | 'bare') => (number: number) => {
    const times = seen[name].get(number) ?? [];
    times.push(performance.now());
    seen[name].set(number, times);
    if (times.length === count) waiting.get(`${name} ${number}`)?.();
  };
  return {
    ours: arrive('ours'),
    bare: arrive('bare'),
    failed: (error: unknown) => {
      failure ??= error;
    },
    /** @throws Error when not everybody got it in time */
    all: async (name: 'ours' | 'bare', number: number): Promise<readonly number[]> => {
      const got = () => seen[name].get(number) ?? [];
      if (got().length < count) {
        const timer = AbortSignal.timeout(PATIENCE_MS);
        await new Promise<void>((resolve, reject) => {
          waiting.set(`${name} ${number}`, resolve);
          timer.addEventListener('abort', () => {
            const why = failure
              ? `: ${String(failure instanceof Error ? failure.message : JSON.stringify(failure))}`
              : '.';
            reject(new Error(`Event ${number} reached ${got().length} of ${count} clients of ${name}${why}`));
          });
        });
      }
      return got();
    },
  };
}

function resultOf(ours: readonly (readonly number[])[], bare: readonly (readonly number[])[]): BenchResult {
  const [median, peer] = [medianOf(ours.flat()), medianOf(bare.flat())];
  const ratios = ours.map((round, nth) => medianOf(round) / medianOf(bare[nth] ?? []));
  return {
    name: 'events',
    unit: 'ms from commit to client, median of 200 subscribers',
    ours: twoDigits(median),
    peers: { 'commit, Redis, bare sockets': twoDigits(peer) },
    ratio: twoDigits(median / peer),
    aim: 'none set; median and p99 are shown',
    isMet: null,
    runs: ours.length,
    spread: spreadOf(ratios),
    more: {
      p99: twoDigits(quantileOf(ours.flat(), 0.99)),
      'p99 of the bare one': twoDigits(quantileOf(bare.flat(), 0.99)),
    },
  };
}
