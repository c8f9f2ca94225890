import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { GATEWAY_CORE, OTHER_CORE } from './gateways/sides.ts';
import { supergraphOver } from './gateways.ts';
import { answersTo, type Post, post } from './load.ts';
import { heldMbAt } from './memory/heap.ts';
import { DISTINCT_QUERY, PUBLIC_QUERY, SCHEMAS } from './public-query/schemas.ts';
import { type Bench, type BenchResult, medianOf, quantileOf, twoDigits } from './result.ts';
import { moveTo, startRouterServer, startServer } from './server.ts';
import { slopeOf } from './soak/slope.ts';

const CONNECTIONS = 50;
/** From one look at the process to the next. */
const STEP_SECONDS = 5;
/** How long it is looked at, once it has settled. */
const MINUTES = 10;
/** Until everything is compiled and every cache is full. */
const SETTLED_AFTER_MINUTES = 5;
/**
 * Two runs of the same settle 2 % apart (934 and 954 MB), so that half of it is within noise. One object of 16 bytes kept a request would
 * be 7 MB in ten minutes, 4 % of what is held.
 */
const NOISE = 0.01;
const LOOKS_A_MINUTE = 60 / STEP_SECONDS;
/** What is kept for a second after the last request (decision 27) is gone by then: up to 64 MB, or none, which says nothing of a leak. */
const QUIET_MS = 3_000;
/** More documents than are kept, so that some are forgotten all the time. */
const DOCUMENTS = 1_500;

/**
 * Ten minutes at full load, after five in which it settles: the public query, the same in 1,500 wordings of which each is planned anew, and requests of which none
 * repeats; answers change, and identical subgraph requests in flight are shared, as the router does by itself. After every minute it is left
 * alone for a moment and its garbage collected: whatever its process gathers shows in what it then holds, and in what the process has of the system.
 */
export const measureSoak: Bench = async (tell) => {
  using _here = moveTo(OTHER_CORE);
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const door = join(folder, 'heap');
  try {
    await using subgraphs = await startServer(
      'test/bench/public-query/subgraphs.ts',
      { BENCH_ROWS: 'mixed' },
      OTHER_CORE,
    );
    using supergraph = supergraphOver({ schemas: SCHEMAS }, subgraphs.url);
    await using server = await startRouterServer(
      'test/bench/memory/router.ts',
      { BENCH_SUPERGRAPH: supergraph.file, BENCH_SHARED: 'on', BENCH_HEAP_DOOR: door },
      GATEWAY_CORE,
    );
    const { asked, lengths } = await mixed(server.url);
    await fetch(`${subgraphs.url}/change`);
    const minutes: Minute[] = [];
    let done = 0;
    while (minutes.length < SETTLED_AFTER_MINUTES + MINUTES) {
      const looks: Look[] = [];
      while (looks.length < LOOKS_A_MINUTE) {
        // Where the last step ended: each document has its turn, however fast the machine is.
        const next = rotated(asked.requests, done);
        const { answers, seconds, p99 } = await post(
          { ...asked, requests: next },
          CONNECTIONS,
          STEP_SECONDS,
          rotated(lengths, done),
        );
        done += answers;
        looks.push({ rssMb: server.memoryMb(), rate: answers / seconds, p99 });
      }
      await wait(QUIET_MS);
      const minute = { looks, heldMb: await heldMbAt(door) };
      minutes.push(minute);
      tell(`minute ${minutes.length}: ${looks.at(-1)?.rssMb} MB, ${twoDigits(minute.heldMb)} MB held after collecting`);
    }
    return [resultOf(minutes.slice(SETTLED_AFTER_MINUTES))];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

interface Look {
  readonly rssMb: number;
  readonly rate: number;
  readonly p99: number;
}

interface Minute {
  readonly looks: readonly Look[];
  readonly heldMb: number;
}

/** Requests of three kinds in turn, and how long their answers are. */
async function mixed(url: string): Promise<{ readonly asked: Post; readonly lengths: readonly number[] }> {
  const kinds = [
    [{ query: PUBLIC_QUERY }],
    Array.from({ length: DOCUMENTS }, (_, at) => ({ query: PUBLIC_QUERY.replace('TestQuery', `TestQuery${at}`) })),
    Array.from({ length: 20 }, (_, at) => ({ query: DISTINCT_QUERY, variables: { first: at + 1 } })),
  ];
  const lengths = await Promise.all(
    kinds.map(async (kind, nth) => {
      const answers = await answersTo({ url, requests: nth === 1 ? kind.slice(0, 1) : kind });
      const failed = answers.find((answer) => answer.includes('"errors"'));
      if (failed !== undefined) throw new Error(`The router answers otherwise: ${failed.slice(0, 500)}`);
      return answers.map((answer) => Buffer.byteLength(answer));
    }),
  );
  const turns = Array.from({ length: DOCUMENTS }, (_, at) => at).flatMap((at) =>
    kinds.map((kind, nth) => ({
      request: kind[at % kind.length] ?? { query: PUBLIC_QUERY },
      length: lengths[nth]?.[at % (lengths[nth]?.length ?? 1)] ?? 0,
    })),
  );
  return { asked: { url, requests: turns.map(({ request }) => request) }, lengths: turns.map(({ length }) => length) };
}

function resultOf(minutes: readonly Minute[]): BenchResult {
  const looks = minutes.flatMap((minute) => minute.looks);
  const rss = looks.map(({ rssMb }) => rssMb);
  const rates = looks.map(({ rate }) => rate);
  const held = slopeOf(minutes.map(({ heldMb }, at) => [at, heldMb] as const));
  const whole = slopeOf(minutes.map((minute, at) => [at, meanOf(minute.looks.map(({ rssMb }) => rssMb))] as const));
  const wholeMb = medianOf(rss);
  const heldMb = medianOf(minutes.map((minute) => minute.heldMb));
  const growth = Math.max((whole.slope * minutes.length) / wholeMb, (held.slope * minutes.length) / heldMb);
  return {
    name: 'soak',
    unit: 'MB/min',
    ours: twoDigits(whole.slope),
    peers: {},
    ratio: fourDigits(1 + growth),
    aim: 'within noise: at most 1 % in ten minutes, of the process and of what it holds',
    isMet: growth <= NOISE,
    runs: 1,
    spread: { min: Math.min(...rss), max: Math.max(...rss) },
    more: {
      'standard error, MB/min': twoDigits(whole.error),
      'MB of the process, median': wholeMb,
      'MB held after collecting, median': twoDigits(heldMb),
      'of that, MB/min': fourDigits(held.slope),
      'of that, standard error': fourDigits(held.error),
      'requests/s': Math.round(medianOf(rates)),
      'requests/s, the slowest of the steps': Math.round(quantileOf(rates, 0)),
      'p99 ms': twoDigits(medianOf(looks.map(({ p99 }) => p99))),
    },
  };
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const from = by % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

function fourDigits(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
