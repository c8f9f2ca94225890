import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GATEWAY_CORE, OTHER_CORE } from './gateways/sides.ts';
import { supergraphOver } from './gateways.ts';
import { answersTo, type Post, post } from './load.ts';
import { heapMbAt } from './memory/heap.ts';
import { DISTINCT_QUERY, PUBLIC_QUERY, SCHEMAS } from './public-query/schemas.ts';
import { type Bench, type BenchResult, medianOf, quantileOf, twoDigits } from './result.ts';
import { moveTo, startServer } from './server.ts';
import { slopeOf } from './soak/slope.ts';

const CONNECTIONS = 50;
/** From one look at the process to the next. */
const STEP_SECONDS = 5;
const MINUTES = 10;
/** Until everything is compiled and every cache is full. */
const SETTLED_AFTER_MINUTES = 2;
/** Looks close together say the same: half a minute of them counts as one. */
const STEPS_A_MEAN = 6;
/** More documents than are kept, so that some are forgotten all the time. */
const DOCUMENTS = 1_500;

/**
 * Ten minutes at full load: the public query, the same in 1,500 wordings of which each is planned anew, and requests of which none
 * repeats; answers change, and identical subgraph requests in flight are shared, as the router does by itself. Whatever its process
 * gathers shows in what it holds after the second minute.
 */
export const measureSoak: Bench = (tell) => soak(tell, MINUTES);

/** @param minutes longer than {@link SETTLED_AFTER_MINUTES} */
export async function soak(tell: (text: string) => void, minutes: number): Promise<readonly BenchResult[]> {
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
    await using server = await startServer(
      'test/bench/memory/router.ts',
      { BENCH_SUPERGRAPH: supergraph.file, BENCH_SHARED: 'on', BENCH_HEAP_DOOR: door },
      GATEWAY_CORE,
    );
    const { asked, lengths } = await mixed(server.url);
    await fetch(`${subgraphs.url}/change`);
    const stepsOf = (some: number) => Math.round((some * 60) / STEP_SECONDS);
    const looks: { readonly rssMb: number; readonly rate: number; readonly p99: number }[] = [];
    const hold = async (until: number) => {
      while (looks.length < until) {
        const { answers, seconds, p99 } = await post(asked, CONNECTIONS, STEP_SECONDS, lengths);
        looks.push({ rssMb: server.memoryMb(), rate: answers / seconds, p99 });
        if (looks.length % 12 === 0) tell(`minute ${looks.length / 12}: ${looks.at(-1)?.rssMb} MB`);
      }
    };
    await hold(stepsOf(SETTLED_AFTER_MINUTES));
    const settledHeapMb = await heapMbAt(door);
    await hold(stepsOf(minutes));
    const heapMb = await heapMbAt(door);
    return [resultOf(looks.slice(stepsOf(SETTLED_AFTER_MINUTES)), { settledHeapMb, heapMb })];
  } finally {
    rmSync(folder, { recursive: true });
  }
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

function resultOf(
  looks: readonly { readonly rssMb: number; readonly rate: number; readonly p99: number }[],
  { settledHeapMb, heapMb }: { readonly settledHeapMb: number; readonly heapMb: number },
): BenchResult {
  const means = Array.from({ length: Math.floor(looks.length / STEPS_A_MEAN) }, (_, at) =>
    meanOf(looks.slice(at * STEPS_A_MEAN, (at + 1) * STEPS_A_MEAN).map(({ rssMb }) => rssMb)),
  );
  const minutesAMean = (STEPS_A_MEAN * STEP_SECONDS) / 60;
  const { slope, error } = slopeOf(means.map((mb, at) => [at * minutesAMean, mb] as const));
  const rss = looks.map(({ rssMb }) => rssMb);
  return {
    name: 'soak',
    unit: 'MB/min',
    ours: twoDigits(slope),
    peers: {},
    ratio: twoDigits((means.at(-1) ?? Number.NaN) / (means[0] ?? Number.NaN)),
    aim: 'within noise: at most 2 standard errors',
    isMet: slope <= 2 * error,
    runs: 1,
    spread: { min: Math.min(...rss), max: Math.max(...rss) },
    more: {
      'standard error, MB/min': twoDigits(error),
      'MB of the process, median': medianOf(rss),
      'MB of its heap after collecting, settled': twoDigits(settledHeapMb),
      'MB of its heap after collecting, at the end': twoDigits(heapMb),
      'requests/s': Math.round(medianOf(looks.map(({ rate }) => rate))),
      'requests/s, the slowest of the steps': Math.round(
        quantileOf(
          looks.map(({ rate }) => rate),
          0,
        ),
      ),
      'p99 ms': twoDigits(medianOf(looks.map(({ p99 }) => p99))),
    },
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
