import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../ops/run/paths.ts';

/** A measurement as `test/bench/results/NAME.json` holds it: every figure of it comes from one run. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  /** Ours by the first peer's. */
  readonly ratio: number;
  readonly aim: string;
  /** Rounds that were counted, each measuring everybody. */
  readonly runs: number;
  /** Of the ratio over the rounds. */
  readonly spread: { readonly min: number; readonly max: number };
}

/** Writes the result down, with the machine and the commit that it holds for. @returns the file */
export function writeResult(result: BenchResult): string {
  const folder = join(ROOT, 'test/bench/results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.name}.json`);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${memory}, Node ${process.versions.node}`;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  writeFileSync(file, `${JSON.stringify({ ...result, machine, commit }, null, 2)}\n`);
  return file;
}

export function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
