import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openWorld } from '../../gateway/test/engine/world.ts';
import { shop } from '../../gateway/test/engine/worlds.ts';
import { post } from '../../gateway/test/engine/worlds-of-keys.ts';
import { ROOT } from '../../ops/run/paths.ts';
import { operationsOver } from './cold-plan/operations.ts';
import { installPeers } from './peers/install.ts';
import { type Bench, type BenchResult, medianOf, quantileOf, spreadOf, twoDigits } from './result.ts';

/** The product's supergraph, and two of those that the engine's answers are tested on. */
const MATCHES = [
  { name: 'cold-plan', sdl: () => readFileSync(join(ROOT, 'codegen/supergraph.graphql'), 'utf8') },
  { name: 'cold-plan-shop', sdl: () => openWorld(shop).supergraphSdl },
  { name: 'cold-plan-keys', sdl: () => openWorld(post).supergraphSdl },
] as const;
const OPERATIONS = 200;
const WARM_UP = 2;
const ROUNDS = 5;
const AIM = 5;
const PEER = '@apollo/query-planner';

/** Every operation planned once. */
interface Turn {
  readonly cpuMs: number;
  /** Milliseconds of each. */
  readonly times: readonly number[];
}

/**
 * From a document that is parsed and validated to a plan that can be run: two hundred operations, nothing of them kept from round
 * to round, ours and the peer in a process each that take turns.
 */
export const measureColdPlan: Bench = async (tell) => {
  tell('peers are installed');
  const peers = installPeers();
  const results: BenchResult[] = [];
  for (const { name, sdl } of MATCHES) results.push(await play(name, sdl(), peers, tell));
  return results;
};

async function play(name: string, sdl: string, peers: string, tell: (text: string) => void): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    const files = {
      supergraph: sdl,
      operations: JSON.stringify(operationsOver(sdl, OPERATIONS).map(({ query }) => query)),
    };
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    const args = Object.keys(files).map((file) => join(folder, file));
    await using ours = open(['--import', 'tsx', join(ROOT, 'test/bench/cold-plan/ours.ts'), ...args], ROOT);
    await using peer = open([join(ROOT, 'test/bench/peers/apollo-planner.mjs'), ...args], peers);
    const turns = await rounds(name, ours.plan, peer.plan, tell);
    return resultOf(
      name,
      turns.map((turn) => turn.ours),
      turns.map((turn) => turn.peer),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function rounds(
  name: string,
  ours: () => Promise<Turn>,
  peer: () => Promise<Turn>,
  tell: (text: string) => void,
) {
  const turns: { ours: Turn; peer: Turn }[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const turn = { ours: await ours(), peer: await peer() };
    turns.push(turn);
    const [one, other] = [turn.ours, turn.peer].map(({ cpuMs }) => Math.round(cpuMs));
    tell(`${name}, round ${round + 1} of ${WARM_UP + ROUNDS}: ${one} to ${other} ms for ${OPERATIONS} plans`);
  }
  return turns;
}

/** A process that plans everything anew for each line that it reads. */
function open(args: readonly string[], cwd: string): AsyncDisposable & { plan(): Promise<Turn> } {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface(child.stdout);
  return {
    plan: async () => {
      child.stdin.write('\n');
      const [line] = await Promise.race([
        once(lines, 'line'),
        exit.then(() => Promise.reject(new Error(`${args.join(' ')} ended before it had planned.`))),
      ]);
      return JSON.parse(String(line));
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await exit;
    },
  };
}

function resultOf(name: string, ours: readonly Turn[], peer: readonly Turn[]): BenchResult {
  const cpuOf = (turns: readonly Turn[]) => medianOf(turns.slice(WARM_UP).map(({ cpuMs }) => cpuMs));
  const timesOf = (turns: readonly Turn[]) => turns.slice(WARM_UP).flatMap(({ times }) => times);
  const ratio = twoDigits(cpuOf(peer) / cpuOf(ours));
  const figures = [
    ['', ours],
    [` of ${PEER}`, peer],
  ] as const;
  return {
    name,
    unit: `CPU ms for ${OPERATIONS} plans`,
    ours: twoDigits(cpuOf(ours)),
    peers: { [PEER]: twoDigits(cpuOf(peer)) },
    ratio,
    aim: `at least ${AIM}`,
    isMet: ratio >= AIM,
    runs: ROUNDS,
    spread: spreadOf(
      ours.slice(WARM_UP).map(({ cpuMs }, round) => (peer[WARM_UP + round]?.cpuMs ?? Number.NaN) / cpuMs),
    ),
    more: Object.fromEntries(
      figures.flatMap(([whose, turns]) => [
        [`ms of a plan, median${whose}`, twoDigits(medianOf(timesOf(turns)))],
        [`ms of a plan, p99${whose}`, twoDigits(quantileOf(timesOf(turns), 0.99))],
        // Before anything of it was compiled.
        [`CPU ms of the very first round${whose}`, twoDigits(turns[0]?.cpuMs ?? Number.NaN)],
      ]),
    ),
  };
}
