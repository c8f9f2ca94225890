import { environmentOf } from '../../ops/run/environment.ts';
import type { Ground } from '../../ops/run/part.ts';
import { startSystem } from '../system.ts';
import { inOrder } from './in-order.ts';
import { answersTo, type Post, post } from './load.ts';
import { type Bench, type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';
import { type Server, startServer } from './server.ts';
import { STORE_QUERY, setStage } from './store-query/stage.ts';

const CONNECTIONS = 20;
const SECONDS = 2;
const WARM_UP = 2;
const ROUNDS = 6;
const PEER = '@apollo/gateway with LocalGraphQLDataSource';

/**
 * What is held against the peer: the product as it is, where identical reads of one session in flight share a fetch; the same
 * without that; and without it over rows in memory.
 */
const MATCHES = [
  { name: 'store-query', engine: 'ours', rows: 'database' },
  { name: 'store-query-alone', engine: 'alone', rows: 'database' },
  { name: 'store-query-memory', engine: 'alone', rows: 'memory' },
] as const;
type Match = (typeof MATCHES)[number];
const AIMS: Readonly<Record<Match['name'], (ratio: number) => Pick<BenchResult, 'aim' | 'isMet'>>> = {
  'store-query': (ratio) => ({ aim: 'at least 5', isMet: ratio >= 5 }),
  'store-query-alone': () => ({ aim: 'none set: what is left without sharing', isMet: null }),
  'store-query-memory': (ratio) => ({ aim: 'at least 2', isMet: ratio >= 2 }),
};
const SIDES = ['ours', 'apollo'] as const;
type Side = (typeof SIDES)[number];

/**
 * The storefront's query through the whole door, twenty connections at a time: our engine, and in its place @apollo/gateway with
 * LocalGraphQLDataSource over the same four schemas. Once with their database, and once with rows in memory, where what is left
 * is the gateways' own work. Each gateway is a process of its own; they are loaded turn by turn.
 *
 * @throws Error when the two do not answer alike
 */
export const measureStoreQuery: Bench = async (tell) => {
  await using system = await startSystem();
  const { ground } = system;
  tell('twelve photographs go through intake');
  const token = await setStage(ground);
  const results: BenchResult[] = [];
  for (const match of MATCHES) {
    await using ours = await startGateway(ground, match.engine, match.rows);
    await using apollo = await startGateway(ground, 'apollo', match.rows);
    results.push(await compare(match, { ours, apollo }, token, tell));
  }
  return results;
};

function startGateway(ground: Ground, engine: Match['engine'] | 'apollo', rows: Match['rows']): Promise<Server> {
  return startServer('test/bench/store-query/gateway.ts', {
    ...environmentOf(ground, 'gateway'),
    APOLLO_TELEMETRY_DISABLED: '1',
    BENCH_ENGINE: engine,
    BENCH_ROWS: rows,
  });
}

interface Turn {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds of the gateway's process a request. */
  readonly cpuMs: number;
}

async function compare(
  match: Match,
  servers: Readonly<Record<Side, Server>>,
  token: string,
  tell: (text: string) => void,
): Promise<BenchResult> {
  const requestTo = (side: Side): Post => ({ url: servers[side].url, token, requests: [{ query: STORE_QUERY }] });
  const length = await verifyAlike(requestTo('ours'), requestTo('apollo'));
  const turns: Record<Side, Turn[]> = { ours: [], apollo: [] };
  const measure = async (side: Side) => {
    const before = servers[side].cpuMs();
    const { answers, seconds } = await post(requestTo(side), CONNECTIONS, SECONDS, [length]);
    turns[side].push({ rate: answers / seconds, cpuMs: (servers[side].cpuMs() - before) / answers });
  };
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const side of round % 2 ? SIDES : [...SIDES].reverse()) await measure(side);
    const [ours, apollo] = SIDES.map((side) => Math.round(turns[side].at(-1)?.rate ?? 0));
    if (round % 4 === 3)
      tell(`${match.name}, round ${round + 1} of ${WARM_UP + ROUNDS}: ${ours} to ${apollo} requests/s`);
  }
  return resultOf(match.name, turns.ours.slice(WARM_UP), turns.apollo.slice(WARM_UP));
}

function resultOf(name: Match['name'], ours: readonly Turn[], apollo: readonly Turn[]): BenchResult {
  const rateOf = (turns: readonly Turn[]) => medianOf(turns.map(({ rate }) => rate));
  const cpuOf = (turns: readonly Turn[]) => medianOf(turns.map(({ cpuMs }) => cpuMs));
  const ratio = twoDigits(rateOf(ours) / rateOf(apollo));
  return {
    name,
    unit: 'requests/s',
    ours: Math.round(rateOf(ours)),
    peers: { [PEER]: Math.round(rateOf(apollo)) },
    ratio,
    ...AIMS[name](ratio),
    runs: ROUNDS,
    spread: spreadOf(ours.map(({ rate }, round) => rate / (apollo[round]?.rate ?? Number.NaN))),
    more: {
      'CPU ms a request': twoDigits(cpuOf(ours)),
      'CPU ms a request of @apollo/gateway': twoDigits(cpuOf(apollo)),
      'ratio of CPU': twoDigits(cpuOf(apollo) / cpuOf(ours)),
    },
  };
}

/** Both give the same answer, byte for byte once its keys are in order. @returns the length of each */
async function verifyAlike(ours: Post, apollo: Post): Promise<number> {
  const [one, other] = await Promise.all([answerOf(ours), answerOf(apollo)]);
  if (one !== other) throw new Error(`The gateways do not answer alike:\n${differenceOf(one, other)}`);
  if (one.includes('"errors"') || !one.includes('"keyHint"') || !one.includes('"minutes"'))
    throw new Error(`The answer is not whole: ${one.slice(0, 1_000)}`);
  return Buffer.byteLength((await answersTo(ours)).join(''));
}

/** Both from a little before where they part. */
function differenceOf(one: string, other: string): string {
  const at = [...one].findIndex((character, place) => character !== other[place]);
  return [one, other].map((text) => text.slice(Math.max(0, at - 200), at + 200)).join('\n');
}

async function answerOf(post: Post): Promise<string> {
  return (await answersTo(post)).map(inOrder).join('\n');
}
