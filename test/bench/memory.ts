import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operationsOver } from './cold-plan/operations.ts';
import { APOLLO, GATEWAY_CORE, OTHER_CORE, OURS, type Side, startSide } from './gateways/sides.ts';
import { supergraphOver } from './gateways.ts';
import { answersTo, type Post, post } from './load.ts';
import { heapMbAt } from './memory/heap.ts';
import { installPeers } from './peers/install.ts';
import { type Bench, type BenchResult, medianOf, spreadOf, twoDigits } from './result.ts';
import { moveTo, type Server, startRouterServer, startServer } from './server.ts';
import { SUBGRAPH_NAMES, sdlOf } from './store-query/memory.ts';
import { openSdlOf } from './store-query/open-sdl.ts';
import { STORE_QUERY } from './store-query/stage.ts';

const PLANS = 1_000;
const ROUNDS = 3;
const AIM_MB = 200;
/** Hive Gateway is not among them: its native planner ends the process on some of the operations, its own fails others. */
const SIDES = [OURS, APOLLO] as const;
const [CONNECTIONS, SECONDS] = [20, 3];

/**
 * What a thousand plans hold: by how much a gateway's process grows while it is asked a thousand operations once each, all of them
 * different. Ours keeps every one; the peer keeps what it sees fit. A process of its own each round.
 *
 * @throws Error when ours does not answer all of them whole
 */
export const measureMemory: Bench = async (tell) => {
  using _here = moveTo(OTHER_CORE);
  tell('peers are installed');
  const peers = installPeers();
  await using subgraphs = await startServer('test/bench/memory/subgraphs.ts', {}, OTHER_CORE);
  const schemas = Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, openSdlOf(sdlOf(name))]));
  using supergraph = supergraphOver({ schemas }, subgraphs.url);
  const operations = operationsOver(readFileSync(supergraph.file, 'utf8'), PLANS);
  const grown = new Map<Side, number[]>(SIDES.map((side) => [side, []]));
  const heaps: number[] = [];
  const withGarbage: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await using apollo = await startSide(APOLLO, supergraph.file, 'off', peers);
    grown.get(APOLLO)?.push((await growth(apollo, operations)).mb);
    const ours = await growthOfOurs(supergraph.file, operations);
    grown.get(OURS)?.push(ours.rssMb);
    heaps.push(ours.heapMb);
    withGarbage.push(ours.withGarbageMb);
    tell(
      `round ${round + 1} of ${ROUNDS}: ${[...grown].map(([side, each]) => `${side} ${each.at(-1)} MB`).join(', ')}`,
    );
  }
  return [resultOf(grown, heaps, withGarbage)];
};

async function growthOfOurs(supergraph: string, operations: Post['requests']) {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const door = join(folder, 'heap');
  try {
    await using server = await startRouterServer(
      'test/bench/memory/router.ts',
      { BENCH_SUPERGRAPH: supergraph, BENCH_SHARED: 'off', BENCH_HEAP_DOOR: door },
      GATEWAY_CORE,
    );
    await warmUp(server);
    const before = { heapMb: await heapMbAt(door), rssMb: server.memoryMb() };
    const { mb, failed } = await growth(server, operations);
    if (failed.length > 0) throw new Error(`${failed.length} operations failed, such as ${failed[0]?.slice(0, 500)}`);
    // Plans are neither garbage nor the empty room for it: the process is looked at after both were given back.
    const heapMb = (await heapMbAt(door)) - before.heapMb;
    return { rssMb: server.memoryMb() - before.rssMb, heapMb, withGarbageMb: mb };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By how many MB its process grew, and what was not answered whole. */
async function growth(server: Server, operations: Post['requests']) {
  await warmUp(server);
  const before = server.memoryMb();
  const answers = await answersTo({ url: server.url, requests: operations });
  return { mb: server.memoryMb() - before, failed: answers.filter((answer) => answer.includes('"errors"')) };
}

/** Whatever a process that is busy holds anyway. */
async function warmUp({ url }: Server): Promise<void> {
  const request = { url, requests: [{ query: STORE_QUERY }] };
  const [answer = ''] = await answersTo(request);
  await post(request, CONNECTIONS, SECONDS, [Buffer.byteLength(answer)]);
}

function resultOf(
  grown: ReadonlyMap<Side, readonly number[]>,
  heaps: readonly number[],
  withGarbage: readonly number[],
): BenchResult {
  const of = (side: Side) => medianOf(grown.get(side) ?? []);
  return {
    name: 'memory',
    unit: `MB of ${PLANS} plans`,
    ours: of(OURS),
    peers: { [APOLLO]: of(APOLLO) },
    ratio: twoDigits(of(OURS) / of(APOLLO)),
    aim: `under ${AIM_MB} MB`,
    isMet: of(OURS) < AIM_MB,
    runs: ROUNDS,
    spread: spreadOf((grown.get(OURS) ?? []).map((mb, round) => mb / (grown.get(APOLLO)?.[round] ?? Number.NaN))),
    more: {
      'MB of our heap after collecting': twoDigits(medianOf(heaps)),
      'MB of our process with its garbage': medianOf(withGarbage),
    },
  };
}
