import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@assay/media/adapters/database';
import { connectWakes } from '@assay/media/adapters/redis-wakes';
import { assetChannel, MODERATION_CHANNEL } from '@assay/media/events/wake';
import { openRun } from '@assay/media/runs/asset-run';
import { Redis } from 'ioredis';
import type { Caller } from '../../ops/demo/client.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { somePhotograph } from '../faults/uploads.ts';
import { openUpload, ROCKET, readyAsset } from '../scenarios/cast.ts';
import { callerOf, startSystem, type TestSystem } from '../system.ts';
import { listenBare } from './events/subscribers.ts';
import { collectGarbage } from './fan-out/collect.ts';
import { gather } from './fan-out/crowd.ts';
import { type Bench, type BenchResult, medianOf, quantileOf, spreadOf, twoDigits } from './result.ts';
import { cpuMsOf, memoryMbOf, type Server, startServer } from './server.ts';

const AUTHOR = 'author@northlight.test';
const CROWDS = [1_000, 2_000, 10_000] as const;
const WARM_UP = 3;
const ROUNDS = 15;
/** While assets pass through intake. */
const [BUSY_ROUNDS, ASSETS_AT_ONCE, PAUSE_MS] = [20, 2, 200];
const LAST_NUMBER = WARM_UP + ROUNDS + BUSY_ROUNDS;
const AIM_P95_MS = 250;
/** For a process to come to rest, before its memory is looked at. */
const REST_MS = 3_000;

interface Round {
  readonly times: readonly number[];
  readonly cpuMs: number;
}

/**
 * One event for thousands who follow one asset, from its commit to each of their sockets; and after it a bare
 * server that passes a word of Redis on to as many sockets, which asks nobody who they are and completes nothing.
 */
export const measureFanOut: Bench = async (tell) => {
  await using system = await startSystem();
  const results: BenchResult[] = [];
  for (const count of CROWDS) results.push(await measure(system, count, tell));
  return results;
};

async function measure(system: TestSystem, count: number, tell: (text: string) => void): Promise<BenchResult> {
  const { ground } = system;
  const { assetId } = await openUpload(await callerOf(ground, AUTHOR), ROCKET);
  await using database = openDatabase(databaseUrl(ground, 'intake_worker'), 2);
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
  const gateway = system.pid('gateway');

  await collectGarbage(gateway);
  const memoryBefore = memoryMbOf(gateway);
  const url = `${urlsOf(ground).gateway.replace(/^http/, 'ws')}/graphql`;
  const crowd = await gather(url, await tokenOf(ground, AUTHOR), assetId, count);
  await sleep(REST_MS);
  await collectGarbage(gateway);
  const kilobytes = ((memoryMbOf(gateway) - memoryBefore) * 1_024) / count;

  const oneRound = async (number: number): Promise<Round> => {
    const before = cpuMsOf(gateway);
    const { state } = run.asset;
    const progress = { progressDone: BigInt(number), progressTotal: BigInt(LAST_NUMBER) };
    await run.tell({ type: 'PROGRESS', state, stage: 'RECEIVE', ...progress });
    const from = performance.now();
    wakes.wake(assetChannel(assetId));
    const times = await crowd.arrivals(number, from);
    return { times, cpuMs: cpuMsOf(gateway) - before };
  };
  const ours: Round[] = [];
  for (let number = 1; number <= WARM_UP + ROUNDS; number += 1) ours.push(await oneRound(number));
  const busy: Round[] = [];
  const passed = await whileAssetsPass(await callerOf(ground, AUTHOR), async (number) => {
    busy.push(await oneRound(WARM_UP + ROUNDS + number));
  });
  crowd.leave();
  // One after the other: the load cannot open twice as many sockets as there are files.
  await sleep(REST_MS);
  const peers = await bareRounds(bare, count, (text) => publisher.publish(MODERATION_CHANNEL, text));
  tell(
    `${count} subscribers: ${twoDigits(
      quantileOf(
        ours.slice(WARM_UP).flatMap(({ times }) => times),
        0.95,
      ),
    )} ms (p95)`,
  );
  publisher.disconnect();
  return resultOf(count, ours.slice(WARM_UP), peers.slice(WARM_UP), { kilobytes, busy, passed });
}

async function bareRounds(
  bare: Server,
  count: number,
  publish: (text: string) => Promise<unknown>,
): Promise<readonly Round[]> {
  let times: number[] = [];
  let done: (() => void) | undefined;
  const leave = await listenBare(bare.url, count, () => {
    times.push(performance.now());
    if (times.length === count) done?.();
  });
  const rounds: Round[] = [];
  for (let number = 1; number <= WARM_UP + ROUNDS; number += 1) {
    times = [];
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const before = bare.cpuMs();
    const from = performance.now();
    await publish(String(number));
    await all;
    rounds.push({ times: times.map((at) => at - from), cpuMs: bare.cpuMs() - before });
  }
  leave();
  return rounds;
}

/** Events go on while photographs pass through intake, two at a time. @returns how many passed */
async function whileAssetsPass(author: Caller, round: (number: number) => Promise<void>): Promise<number> {
  let isOver = false;
  let passed = 0;
  const pass = async () => {
    while (!isOver) {
      await readyAsset(author, { name: 'photo.jpg', contentType: 'image/jpeg', bytes: somePhotograph(false) });
      passed += 1;
    }
  };
  const passing = Promise.all(Array.from({ length: ASSETS_AT_ONCE }, pass));
  // Asked for when the rounds are over; a failure until then is not unhandled.
  passing.catch(() => undefined);
  for (let number = 1; number <= BUSY_ROUNDS; number += 1) {
    await round(number);
    await sleep(PAUSE_MS);
  }
  isOver = true;
  await passing;
  return passed;
}

interface Aside {
  /** Of the gateway, a subscriber. */
  readonly kilobytes: number;
  /** While assets passed through intake. */
  readonly busy: readonly Round[];
  readonly passed: number;
}

function resultOf(
  count: number,
  ours: readonly Round[],
  peers: readonly Round[],
  { kilobytes, busy, passed }: Aside,
): BenchResult {
  const perSecond = (rounds: readonly Round[]) =>
    Math.round((count * rounds.length * 1_000) / rounds.reduce((sum, { cpuMs }) => sum + cpuMs, 0));
  const all = (rounds: readonly Round[]) => rounds.flatMap(({ times }) => times);
  const p95 = quantileOf(all(ours), 0.95);
  const isAimed = count === 2_000;
  return {
    name: `fan-out-${count}`,
    unit: 'events delivered a CPU second of the gateway',
    ours: perSecond(ours),
    peers: { 'a word of Redis, bare sockets': perSecond(peers) },
    ratio: twoDigits(perSecond(ours) / perSecond(peers)),
    aim: isAimed ? `p95 from commit to client under ${AIM_P95_MS} ms, under 20 KB an idle subscriber` : 'none set',
    isMet: isAimed ? p95 < AIM_P95_MS && kilobytes < 20 : null,
    runs: ours.length,
    spread: spreadOf(ours.map(({ times }, nth) => medianOf(times) / medianOf(peers[nth]?.times ?? []))),
    more: {
      'median ms from commit to client': twoDigits(medianOf(all(ours))),
      'p95 ms': twoDigits(p95),
      'p95 ms of the bare one': twoDigits(quantileOf(all(peers), 0.95)),
      'p95 ms while assets pass through intake': twoDigits(quantileOf(all(busy), 0.95)),
      'assets that passed meanwhile': passed,
      'KB of the gateway an idle subscriber': twoDigits(kilobytes),
    },
  };
}
