import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Caller } from '../../ops/demo/client.ts';
import { followToRest } from '../../ops/demo/follow.ts';
import { FINALIZE_UPLOAD } from '../../ops/demo/operations.ts';
import type { Ground } from '../../ops/run/part.ts';
import { adminUrl } from '../../ops/run/parts/postgres.ts';
import { openUpload, post } from '../scenarios/cast.ts';
import { callerOf, startSystem } from '../system.ts';
import { type Peak, pidOf, watchMemory } from './intake/memory.ts';
import { largePhotograph, likeNoOther } from './intake/photograph.ts';
import { openBareSteps, type StepName, type Steps } from './intake/steps.ts';
import { type Bench, type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';

const AUTHOR = 'author@northlight.test';
const WORKER = 'subgraphs/media/src/workers/intake.main.ts';
const WARM_UP = 3;
const ROUNDS = 15;
const AT_ONCE = 50;
const MOST = 1.5;
const MOST_MEMORY_MB = 700;
const PATIENCE_MS = 120_000;

/**
 * From the finalizing of a 2 MB photograph to READY at the client, against the sum of the bare steps that it needs, turn by turn;
 * then fifty photographs finalized at once, against the same sum and against the memory that the worker may take.
 */
export const measureIntake: Bench = async (tell) => {
  await using system = await startSystem();
  const { ground } = system;
  const author = await callerOf(ground, AUTHOR);
  const photo = await largePhotograph();
  tell(`a photograph of ${twoDigits(photo.length / 1e6)} MB`);
  await using bare = openBareSteps(ground);
  const ours: number[] = [];
  const steps: Steps[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    ours.push(await takeThrough(author, likeNoOther(photo)));
    steps.push(await bare.measure(likeNoOther(photo)));
    if (round % 5 === 4)
      tell(
        `round ${round + 1} of ${WARM_UP + ROUNDS}: ${ours.at(-1)?.toFixed(0)} ms to ${sumOf(steps.at(-1)).toFixed(0)} ms`,
      );
  }
  const single = resultOf(ours.slice(WARM_UP), steps.slice(WARM_UP));
  tell(`${AT_ONCE} at once`);
  const memory = watchMemory(pidOf(WORKER, ground.stateDir));
  const totalMs = await takeAllThrough(ground, author, photo);
  return [single, resultOfMany(totalMs, steps.slice(WARM_UP).map(sumOf), memory.end())];
};

/** @returns milliseconds from the finalizing to the event that says READY */
async function takeThrough(author: Caller, bytes: Buffer): Promise<number> {
  const { assetId, finalize } = await uploaded(author, bytes);
  const rest = followToRest(author, assetId, () => undefined);
  const from = performance.now();
  await finalize();
  const state = await rest;
  if (state !== 'READY') throw new Error(`The photograph is ${state}.`);
  return performance.now() - from;
}

/** @returns milliseconds from the first finalizing until the last is READY, as the database has it */
async function takeAllThrough(ground: Ground, author: Caller, photo: Buffer): Promise<number> {
  const uploads: Awaited<ReturnType<typeof uploaded>>[] = [];
  for (let nth = 0; nth < AT_ONCE; nth += 1) uploads.push(await uploaded(author, likeNoOther(photo)));
  const database = new Client({ connectionString: adminUrl(ground).replace(/\/postgres$/, '/assay') });
  await database.connect();
  try {
    const from = performance.now();
    await Promise.all(uploads.map(({ finalize }) => finalize()));
    await untilReady(
      database,
      uploads.map(({ assetId }) => assetId),
    );
    return performance.now() - from;
  } finally {
    await database.end();
  }
}

async function untilReady(database: Client, ids: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const { rows } = await database.query<{ state: string; count: number }>(
      'select state::text, count(*)::int from media.asset where id = any ($1::uuid[]) group by state',
      [ids],
    );
    const counts = new Map(rows.map(({ state, count }) => [state, count]));
    if (counts.get('READY') === ids.length) return;
    const stuck = (counts.get('QUARANTINED') ?? 0) + (counts.get('REJECTED') ?? 0) > 0;
    if (stuck || Date.now() > deadline)
      throw new Error(`Not all are READY: ${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}.`);
  }
}

async function uploaded(author: Caller, bytes: Buffer) {
  const form = await openUpload(author, { name: 'photo.jpg', contentType: 'image/jpeg', bytes });
  const status = await post(form.url, form.fields, bytes);
  if (status !== 204) throw new Error(`The store answers ${status}.`);
  const input = { assetId: form.assetId, sha256: createHash('sha256').update(bytes).digest('hex') };
  return { assetId: form.assetId, finalize: () => author.ask(FINALIZE_UPLOAD, { input }) };
}

function sumOf(steps: Steps | undefined): number {
  return Object.values(steps ?? {}).reduce((sum, ms) => sum + ms, 0);
}

function resultOf(ours: readonly number[], steps: readonly Steps[]): BenchResult {
  const sums = steps.map(sumOf);
  const ratio = twoDigits(medianOf(ours) / medianOf(sums));
  const each = (name: StepName) => [`ms to ${name}`, twoDigits(medianOf(steps.map((step) => step[name])))] as const;
  return {
    name: 'intake',
    unit: 'ms from finalize to READY, 2 MB',
    ours: Math.round(medianOf(ours)),
    peers: { 'sum of the bare steps': Math.round(medianOf(sums)) },
    ratio,
    aim: `at most ${MOST}`,
    isMet: ratio <= MOST,
    runs: ours.length,
    spread: spreadOf(ours.map((ms, round) => ms / (sums[round] ?? Number.NaN))),
    more: Object.fromEntries((['read', 'scan', 'decode', 'classify', 'render', 'copy', 'write'] as const).map(each)),
  };
}

function resultOfMany(totalMs: number, sums: readonly number[], { process, child, children, real }: Peak): BenchResult {
  const eachMs = totalMs / AT_ONCE;
  const ratio = twoDigits(eachMs / medianOf(sums));
  return {
    name: 'intake-many',
    unit: `ms a file, ${AT_ONCE} at once`,
    ours: Math.round(eachMs),
    peers: { 'sum of the bare steps': Math.round(medianOf(sums)) },
    ratio,
    aim: `at most ${MOST}, worker and sandboxes under ${MOST_MEMORY_MB} MB`,
    // What they share, Node itself for one, is in memory once.
    isMet: ratio <= MOST && real < MOST_MEMORY_MB,
    runs: 1,
    spread: { min: twoDigits(eachMs / Math.max(...sums)), max: twoDigits(eachMs / Math.min(...sums)) },
    more: {
      'files a second': twoDigits(1_000 / eachMs),
      'MB of the worker at most': process,
      'MB of one sandbox at most': child,
      'MB of all sandboxes at one time': children,
      'MB together': process + children,
      'MB together, shared pages once': real,
    },
  };
}
