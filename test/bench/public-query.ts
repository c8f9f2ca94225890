import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '@assay/gateway/compose';
import { ROOT } from '../../ops/run/paths.ts';
import { inOrder } from './in-order.ts';
import { answersTo, type Post, post } from './load.ts';
import { installPeers } from './peers/install.ts';
import { DISTINCT_QUERY, PUBLIC_QUERY, SCHEMAS } from './public-query/schemas.ts';
import { type Bench, type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';
import { moveTo, type Server, startPeer, startServer } from './server.ts';

const CONNECTIONS = 50;
const SECONDS = 3;
const WARM_UP = 2;
const ROUNDS = 5;
/** One core for the gateway that is measured, the other for its subgraphs and the load. */
const [GATEWAY_CORE, OTHER_CORE] = [0, 1];

const MATCHES = [
  { name: 'public-query', rows: 'public', shared: 'off', changes: false, aim: 4 },
  { name: 'public-query-changing', rows: 'public', shared: 'off', changes: true, aim: null },
  { name: 'public-query-shared', rows: 'public', shared: 'on', changes: false, aim: 8 },
  { name: 'distinct', rows: 'distinct', shared: 'off', changes: true, aim: 2 },
] as const;
type Match = (typeof MATCHES)[number];

const OURS = 'Assay router';
const HIVE = 'Hive Gateway, native planner';
const SIDES = [OURS, HIVE, 'Hive Gateway', '@apollo/gateway'] as const;
type Side = (typeof SIDES)[number];

interface Turn {
  readonly rate: number;
  readonly cpuMs: number;
  readonly p99: number;
}

/**
 * The public gateways benchmark's query, 50 connections, each gateway on one core and everything else on the other, which is full
 * before a fast gateway is: so what counts is the CPU time of the gateway's process a request.
 *
 * @throws Error when two gateways do not answer alike
 */
export const measurePublicQuery: Bench = async (tell) => {
  tell('peers are installed');
  const folder = installPeers();
  const results: BenchResult[] = [];
  for (const match of MATCHES) results.push(await play(match, folder, tell));
  return results;
};

async function play(match: Match, folder: string, tell: (text: string) => void): Promise<BenchResult> {
  using _here = moveTo(OTHER_CORE);
  await using subgraphs = await startServer(
    'test/bench/public-query/subgraphs.ts',
    { BENCH_ROWS: match.rows },
    OTHER_CORE,
  );
  using supergraph = supergraphOver(subgraphs.url);
  await using stack = new AsyncDisposableStack();
  const servers = new Map<Side, Server>();
  for (const side of SIDES.filter((side) => match.shared === 'off' || side !== '@apollo/gateway'))
    servers.set(side, stack.use(await startSide(side, match, supergraph.file, folder)));
  const requests = requestsOf(match);
  const postTo = ({ url }: Server): Post => ({ url, requests });
  const lengths = await verifyAlike(new Map([...servers].map(([side, server]) => [side, postTo(server)])));
  // Each answer differs from all before it, in a name at the root: who asks twice reads nothing twice.
  if (match.changes) await fetch(`${subgraphs.url}/change`);
  const turns = new Map([...servers.keys()].map((side): [Side, Turn[]] => [side, []]));
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const [side, server] of round % 2 ? servers : [...servers].reverse()) {
      const before = server.cpuMs();
      const { answers, seconds, p99 } = await post(postTo(server), CONNECTIONS, SECONDS, lengths.get(side) ?? []);
      turns.get(side)?.push({ rate: answers / seconds, cpuMs: (server.cpuMs() - before) / answers, p99 });
    }
    const now = [...turns].map(([side, each]) => `${side} ${twoDigits(each.at(-1)?.cpuMs ?? 0)}`);
    tell(`${match.name}, round ${round + 1} of ${WARM_UP + ROUNDS}, CPU ms a request: ${now.join(', ')}`);
  }
  const memory = new Map([...servers].map(([side, server]) => [side, server.memoryMb()]));
  return resultOf(match, new Map([...turns].map(([side, each]) => [side, each.slice(WARM_UP)])), memory);
}

function requestsOf({ rows }: Match): Post['requests'] {
  if (rows === 'public') return [{ query: PUBLIC_QUERY }];
  return Array.from({ length: 20 }, (_, at) => ({ query: DISTINCT_QUERY, variables: { first: 200 - at } }));
}

function supergraphOver(url: string): Disposable & { readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const file = join(folder, 'supergraph.graphql');
  writeFileSync(file, composeSupergraph(SCHEMAS).replace(/http:\/\/(\w+)\.internal\/graphql/g, `${url}/$1`));
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function startSide(side: Side, { shared }: Match, supergraph: string, folder: string): Promise<Server> {
  if (side === OURS)
    return startServer(
      'test/bench/public-query/router.ts',
      { BENCH_SUPERGRAPH: supergraph, BENCH_SHARED: shared },
      GATEWAY_CORE,
    );
  const peers = join(ROOT, 'test/bench/peers');
  if (side === '@apollo/gateway')
    return startPeer(
      [join(peers, 'apollo-gateway.mjs'), supergraph, 'PORT'],
      folder,
      { APOLLO_TELEMETRY_DISABLED: '1' },
      GATEWAY_CORE,
    );
  return startPeer(
    [
      'node_modules/@graphql-hive/gateway/dist/bin.js',
      'supergraph',
      supergraph,
      '--port=PORT',
      '--host=127.0.0.1',
      '--fork=1',
      `--config-path=${join(peers, 'hive-gateway.config.mjs')}`,
      ...(side === HIVE ? [] : ['--jit']),
    ],
    folder,
    { BENCH_SHARED: shared, BENCH_PLANNER: side === HIVE ? 'native' : 'own', LOG_LEVEL: 'error' },
    GATEWAY_CORE,
  );
}

/** All give the same answers, byte for byte once their keys are in order. @returns the lengths of each side's */
async function verifyAlike(posts: ReadonlyMap<Side, Post>): Promise<ReadonlyMap<Side, readonly number[]>> {
  let first: readonly string[] | undefined;
  const lengths = new Map<Side, readonly number[]>();
  for (const [side, one] of posts) {
    const answers = await answersTo(one);
    const ordered = answers.map(inOrder);
    first ??= ordered;
    lengths.set(
      side,
      answers.map((answer) => Buffer.byteLength(answer)),
    );
    const differs = ordered.findIndex((answer, at) => answer !== first?.[at] || answer.includes('"errors"'));
    if (differs >= 0) throw new Error(`${side} answers otherwise: ${ordered[differs]?.slice(0, 600)}`);
  }
  return lengths;
}

function resultOf(
  { name, aim }: Match,
  turns: ReadonlyMap<Side, readonly Turn[]>,
  memory: ReadonlyMap<Side, number>,
): BenchResult {
  const of = (side: Side, figure: keyof Turn) => medianOf((turns.get(side) ?? []).map((turn) => turn[figure]));
  const ours = twoDigits(of(OURS, 'cpuMs'));
  const rivals = [...turns.keys()].filter((side) => side !== OURS);
  const best = rivals.reduce((one, other) => (of(other, 'cpuMs') < of(one, 'cpuMs') ? other : one), HIVE);
  const ratio = twoDigits(of(best, 'cpuMs') / of(OURS, 'cpuMs'));
  const bestTurns = turns.get(best) ?? [];
  const figures = [...turns.keys()].flatMap((side) => [
    [`requests/s of ${side}`, Math.round(of(side, 'rate'))] as const,
    [`p99 ms of ${side}`, twoDigits(of(side, 'p99'))] as const,
    [`MB of ${side}`, memory.get(side) ?? 0] as const,
  ]);
  return {
    name,
    unit: 'CPU ms a request',
    ours,
    peers: Object.fromEntries(
      [best, ...rivals.filter((side) => side !== best)].map((side) => [side, twoDigits(of(side, 'cpuMs'))]),
    ),
    ratio,
    ...(aim === null
      ? { aim: 'none set: no answer repeats', isMet: null }
      : { aim: `at least ${aim}`, isMet: ratio >= aim }),
    runs: ROUNDS,
    spread: spreadOf(
      (turns.get(OURS) ?? []).map(({ cpuMs }, round) => (bestTurns[round]?.cpuMs ?? Number.NaN) / cpuMs),
    ),
    more: Object.fromEntries(figures),
  };
}
