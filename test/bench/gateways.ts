import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '@assay/gateway/compose';
import { APOLLO, HIVE, HIVE_ROUTER, OTHER_CORE, OURS, SIDES, type Side, startSide } from './gateways/sides.ts';
import { inOrder } from './in-order.ts';
import { answersTo, type Post, post } from './load.ts';
import { installPeers } from './peers/install.ts';
import { type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';
import { moveTo, type Server, startServer } from './server.ts';

/** What gateways are held against each other with. */
export interface Match {
  readonly name: string;
  /** By name, as they are composed. */
  readonly schemas: Readonly<Record<string, string>>;
  /** What serves them, a path each (`gateways/subgraph-server.ts`), and its environment. */
  readonly subgraphs: { readonly entry: string; readonly env: Readonly<Record<string, string>> };
  readonly requests: Post['requests'];
  /** Whether identical subgraph requests in flight are sent once. */
  readonly shared: 'on' | 'off';
  /** Whether no answer repeats. */
  readonly changes: boolean;
  /** How often our CPU time a request is to go into that of the best peer on Node; null: nothing is set. */
  readonly aim: number | null;
  /** And into Hive Router's, where that takes part. */
  readonly routerAim?: number;
  /** The most that our p99 may be of that peer's; left out: anything. */
  readonly p99Aim?: number;
}

/** One round of one side. */
export interface Turn {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds of the server's process a request. */
  readonly cpuMs: number;
  /** Milliseconds from a request's first byte to its answer's last. */
  readonly p99: number;
}

const CONNECTIONS = 50;
const SECONDS = 3;
const WARM_UP = 2;
const ROUNDS = 5;

/**
 * Holds the product's router against its peers, 50 connections, each gateway on one core and everything else on the other, which
 * is full before a fast gateway is: so what counts is the CPU time of the gateway's process a request.
 *
 * @throws Error when two gateways do not answer alike
 */
export async function playMatches(
  matches: readonly Match[],
  tell: (text: string) => void,
  rounds = ROUNDS,
): Promise<readonly BenchResult[]> {
  tell('peers are installed');
  const folder = installPeers();
  const results: BenchResult[] = [];
  for (const match of matches) results.push(...(await play(match, folder, tell, rounds)));
  return results;
}

async function play(
  match: Match,
  folder: string,
  tell: (text: string) => void,
  rounds: number,
): Promise<readonly BenchResult[]> {
  using _here = moveTo(OTHER_CORE);
  const { entry, env } = match.subgraphs;
  await using subgraphs = await startServer(entry, env, OTHER_CORE);
  using supergraph = supergraphOver(match, subgraphs.url);
  await using stack = new AsyncDisposableStack();
  const servers = new Map<Side, Server>();
  for (const side of SIDES.filter((side) => match.shared === 'off' || side !== APOLLO))
    servers.set(side, stack.use(await startSide(side, supergraph.file, match.shared, folder)));
  const postTo = ({ url }: Server): Post => ({ url, requests: match.requests });
  const lengths = await verifyAlike(new Map([...servers].map(([side, server]) => [side, postTo(server)])));
  // Each answer differs from all before it, in a name at the root: who asks twice reads nothing twice.
  if (match.changes) await fetch(`${subgraphs.url}/change`);
  const posts = new Map([...servers].map(([side, server]) => [side, { server, post: postTo(server) }]));
  const turns = await takeTurns(match.name, posts, lengths, rounds, tell);
  const memory = new Map([...servers].map(([side, server]) => [side, server.memoryMb()]));
  const result = resultOf(match, turns, memory);
  return turns.has(HIVE_ROUTER) ? [result, besideRouter(match, turns)] : [result];
}

/**
 * Loads each side in every round, in changing order, after two rounds that do not count.
 *
 * @param lengths of each side's answers, in the order of its requests
 */
export async function takeTurns<Name>(
  name: string,
  sides: ReadonlyMap<Name, { readonly server: Server; readonly post: Post }>,
  lengths: ReadonlyMap<Name, readonly number[]>,
  rounds: number,
  tell: (text: string) => void,
): Promise<ReadonlyMap<Name, readonly Turn[]>> {
  const turns = new Map([...sides.keys()].map((side): [Name, Turn[]] => [side, []]));
  for (let round = 0; round < WARM_UP + rounds; round += 1) {
    for (const [side, { server, post: asked }] of round % 2 ? sides : [...sides].reverse()) {
      const before = server.cpuMs();
      const { answers, seconds, p99 } = await post(asked, CONNECTIONS, SECONDS, lengths.get(side) ?? []);
      turns.get(side)?.push({ rate: answers / seconds, cpuMs: (server.cpuMs() - before) / answers, p99 });
    }
    const now = [...turns].map(([side, each]) => `${side} ${twoDigits(each.at(-1)?.cpuMs ?? 0)}`);
    tell(`${name}, round ${round + 1} of ${WARM_UP + rounds}, CPU ms a request: ${now.join(', ')}`);
  }
  return new Map([...turns].map(([side, each]) => [side, each.slice(WARM_UP)]));
}

/** The supergraph of what is served, in a file of its own. */
export function supergraphOver(
  { schemas }: Pick<Match, 'schemas'>,
  url: string,
): Disposable & { readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const file = join(folder, 'supergraph.graphql');
  writeFileSync(file, composeSupergraph(schemas).replace(/http:\/\/(\w+)\.internal\/graphql/g, `${url}/$1`));
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/**
 * All give the same answers, byte for byte once their keys are in order.
 *
 * @returns the lengths of each side's
 * @throws Error when they do not, or an answer has errors
 */
export async function verifyAlike<Name>(posts: ReadonlyMap<Name, Post>): Promise<ReadonlyMap<Name, readonly number[]>> {
  let first: readonly string[] | undefined;
  const lengths = new Map<Name, readonly number[]>();
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
  { name, aim, p99Aim }: Match,
  turns: ReadonlyMap<Side, readonly Turn[]>,
  memory: ReadonlyMap<Side, number>,
): BenchResult {
  const rivals = [...turns.keys()].filter((side) => side !== OURS);
  const onNode = rivals.filter((side) => side !== HIVE_ROUTER);
  const best = onNode.reduce((one, other) => (cpuOf(turns, other) < cpuOf(turns, one) ? other : one), HIVE);
  const p99Of = (side: Side) => medianOf((turns.get(side) ?? []).map(({ p99 }) => p99));
  const { ratio, ...compared } = compare(turns, best);
  const p99Ratio = twoDigits(p99Of(OURS) / p99Of(best));
  const figures = [...turns.keys()].flatMap((side) => [
    [`requests/s of ${side}`, Math.round(medianOf((turns.get(side) ?? []).map(({ rate }) => rate)))] as const,
    [`p99 ms of ${side}`, twoDigits(p99Of(side))] as const,
    [`MB of ${side}`, memory.get(side) ?? 0] as const,
  ]);
  return {
    name,
    ...compared,
    ratio,
    peers: Object.fromEntries(
      [best, ...rivals.filter((side) => side !== best)].map((side) => [side, twoDigits(cpuOf(turns, side))]),
    ),
    aim: aimOf(aim, p99Aim),
    isMet: aim === null ? null : ratio >= aim && (p99Aim === undefined || p99Ratio <= p99Aim),
    more: { ...Object.fromEntries(figures), [`our p99 by that of ${best}`]: p99Ratio },
  };
}

/** The same turns, held against the gateway in Rust. */
function besideRouter({ name, routerAim }: Match, turns: ReadonlyMap<Side, readonly Turn[]>): BenchResult {
  const compared = compare(turns, HIVE_ROUTER);
  return {
    name: `${name}-rust`,
    ...compared,
    peers: { [HIVE_ROUTER]: twoDigits(cpuOf(turns, HIVE_ROUTER)) },
    aim: routerAim === undefined ? 'none set' : `at least ${routerAim}`,
    isMet: routerAim === undefined ? null : compared.ratio >= routerAim,
  };
}

function compare(turns: ReadonlyMap<Side, readonly Turn[]>, peer: Side) {
  const ours = turns.get(OURS) ?? [];
  const theirs = turns.get(peer) ?? [];
  return {
    unit: 'CPU ms a request',
    ours: twoDigits(cpuOf(turns, OURS)),
    ratio: twoDigits(cpuOf(turns, peer) / cpuOf(turns, OURS)),
    runs: ours.length,
    spread: spreadOf(ours.map(({ cpuMs }, round) => (theirs[round]?.cpuMs ?? Number.NaN) / cpuMs)),
  };
}

function cpuOf(turns: ReadonlyMap<Side, readonly Turn[]>, side: Side): number {
  return medianOf((turns.get(side) ?? []).map(({ cpuMs }) => cpuMs));
}

function aimOf(aim: number | null, p99Aim: number | undefined): string {
  if (aim === null) return 'none set: no answer repeats';
  return `at least ${aim}${p99Aim === undefined ? '' : `, p99 at most ${p99Aim} of its`}`;
}
