import { setTimeout as sleep } from 'node:timers/promises';
import { type Listeners, listen } from './fan-out-peers/listeners.ts';
import { FEED_SCHEMAS } from './fan-out-peers/schemas.ts';
import { GATEWAY_CORE, HIVE, OTHER_CORE, OURS, startSide } from './gateways/sides.ts';
import { supergraphOver } from './gateways.ts';
import { inOrder } from './in-order.ts';
import { installPeers } from './peers/install.ts';
import { type Bench, type BenchResult, medianOf, quantileOf, spreadOf, twoDigits } from './result.ts';
import { moveTo, type Server, startServer } from './server.ts';

/** Hive Gateway opens a connection of its subgraph for each socket, and 20,000 files are what a process is given here. */
const CROWDS = [1_000, 4_000, 9_000] as const;
const ROUNDS = 5;
const EVENTS_A_ROUND = 10;
const AIM = 5;
/** For processes to come to rest, before their memory is looked at. */
const REST_MS = 2_000;

const SIDES = [OURS, HIVE] as const;
type Side = (typeof SIDES)[number];

/** Ten events for all. */
interface Round {
  /** Milliseconds from the subgraph's event to each socket. */
  readonly times: readonly number[];
  readonly cpuMs: number;
}

/** One gateway with its crowd, over subgraphs of its own, so that the events of its turn are nobody else's. */
interface Stand extends AsyncDisposable {
  readonly gateway: Server;
  readonly subgraphs: Server;
  readonly listeners: Listeners;
  readonly kilobytes: number;
  readonly upstream: number;
  readonly rounds: Round[];
}

/**
 * Events of one subgraph's stream, completed from another subgraph, to a crowd that asks the same over WebSockets: the product's
 * doors, and Hive Gateway. Each gateway has one core to itself; subgraphs and crowd have the other.
 *
 * @throws Error when the two do not send the same
 */
export const measureFanOutPeers: Bench = async (tell) => {
  using _here = moveTo(OTHER_CORE);
  tell('peers are installed');
  const folder = installPeers();
  const results: BenchResult[] = [];
  for (const count of CROWDS) results.push(await play(count, folder, tell));
  return results;
};

async function play(count: number, folder: string, tell: (text: string) => void): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const stands = new Map<Side, Stand>();
  for (const side of SIDES) stands.set(side, stack.use(await open(side, count, folder)));
  const sent = [...stands.values()].map(({ listeners }) => inOrder(listeners.sample));
  if (new Set(sent).size > 1) throw new Error(`They do not send the same: ${sent.join('\n')}`);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const stand of round % 2 ? stands.values() : [...stands.values()].reverse())
      stand.rounds.push(await tellAll(stand, round * EVENTS_A_ROUND));
    const now = [...stands].map(([side, { rounds }]) => `${side} ${perSecond(count, rounds.slice(-1))}`);
    tell(`${count} sockets, round ${round + 1} of ${ROUNDS + 1}, events a CPU second: ${now.join(', ')}`);
  }
  for (const { rounds } of stands.values()) rounds.shift();
  return resultOf(count, stands);
}

async function open(side: Side, count: number, folder: string): Promise<Stand> {
  await using stack = new AsyncDisposableStack();
  const subgraphs = stack.use(await startServer('test/bench/fan-out-peers/subgraphs.ts', {}, OTHER_CORE));
  const supergraph = stack.use(supergraphOver({ schemas: FEED_SCHEMAS }, subgraphs.url));
  const env = { BENCH_SUPERGRAPH: supergraph.file };
  const gateway = stack.use(
    side === OURS
      ? await startServer('test/bench/fan-out-peers/gateway.ts', env, GATEWAY_CORE)
      : await startSide(side, supergraph.file, 'on', folder),
  );
  // What a process holds anyway once it was asked.
  (await listen(gateway.url, 1)).leave();
  await sleep(REST_MS);
  const before = gateway.memoryMb();
  const listeners = await listen(gateway.url, count);
  stack.defer(() => listeners.leave());
  await sleep(REST_MS);
  const kilobytes = ((gateway.memoryMb() - before) * 1_024) / count;
  const upstream = Number(await (await fetch(`${subgraphs.url}/streams`)).text());
  const held = stack.move();
  const dispose = () => held.disposeAsync();
  return { gateway, subgraphs, listeners, kilobytes, upstream, rounds: [], [Symbol.asyncDispose]: dispose };
}

/** One event after the other: the next is made when everybody has the last. */
async function tellAll({ gateway, subgraphs, listeners }: Stand, after: number): Promise<Round> {
  const before = gateway.cpuMs();
  const times: number[] = [];
  for (let number = after + 1; number <= after + EVENTS_A_ROUND; number += 1) {
    const from = performance.now();
    const all = listeners.all(number);
    await fetch(`${subgraphs.url}/tell?n=${number}`);
    for (const at of await all) times.push(at - from);
  }
  return { times, cpuMs: gateway.cpuMs() - before };
}

function perSecond(count: number, rounds: readonly Round[]): number {
  const cpuMs = rounds.reduce((sum, round) => sum + round.cpuMs, 0);
  return Math.round((count * EVENTS_A_ROUND * rounds.length * 1_000) / cpuMs);
}

function resultOf(count: number, stands: ReadonlyMap<Side, Stand>): BenchResult {
  const roundsOf = (side: Side) => stands.get(side)?.rounds ?? [];
  const [ours, theirs] = [perSecond(count, roundsOf(OURS)), perSecond(count, roundsOf(HIVE))];
  const ratio = twoDigits(ours / theirs);
  const more = [...stands].flatMap(([side, { rounds, kilobytes, upstream }]) => {
    const times = rounds.flatMap((round) => round.times);
    return [
      [`median ms of ${side}`, twoDigits(medianOf(times))] as const,
      [`p95 ms of ${side}`, twoDigits(quantileOf(times, 0.95))] as const,
      [`KB a socket of ${side}`, twoDigits(kilobytes)] as const,
      [`streams of the subgraph read by ${side}`, upstream] as const,
    ];
  });
  return {
    name: `fan-out-peers-${count}`,
    unit: 'events delivered a CPU second of the gateway',
    ours,
    peers: { [HIVE]: theirs },
    ratio,
    aim: `at least ${AIM}`,
    isMet: ratio >= AIM,
    runs: ROUNDS,
    spread: spreadOf(
      roundsOf(OURS).map(
        (round, nth) => perSecond(count, [round]) / perSecond(count, roundsOf(HIVE).slice(nth, nth + 1)),
      ),
    ),
    more: Object.fromEntries(more),
  };
}
