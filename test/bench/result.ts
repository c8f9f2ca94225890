import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../ops/run/paths.ts';

/** A measurement as `test/bench/results/NAME.json` holds it: every figure of it comes from one run. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  /** Ours by the first peer's. */
  readonly ratio: number;
  readonly aim: string;
  /** Whether the ratio is what it is meant to be; null where nothing was set. */
  readonly isMet: boolean | null;
  /** Rounds that were counted, each measuring everybody. */
  readonly runs: number;
  /** Of the ratio over the rounds. */
  readonly spread: Spread;
  /** What else was seen in the same run, by what it is and in which unit. */
  readonly more?: Readonly<Record<string, number>>;
}

export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** Measures, and says how far it is. */
export type Bench = (tell: (text: string) => void) => Promise<readonly BenchResult[]>;

/** What a measurement was made on, as it was before the first round. */
export interface Machine {
  readonly text: string;
  /** Processes that ran or waited for a core in the last minute. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = twoDigits(loadavg()[0] ?? 0);
  const cores = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  return { text: `${cores}, ${memory}, Node ${process.versions.node}, load ${load} at the start`, load };
}

/** Writes the result down, with the machine and the commit that it holds for. @returns the file */
export function writeResult(result: BenchResult, { text: machine }: Machine): string {
  const folder = join(ROOT, 'test/bench/results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.name}.json`);
  writeFileSync(file, `${JSON.stringify({ ...result, machine, commit: commitOf() }, null, 2)}\n`);
  return file;
}

/** The commit, and whether the tree differs from it. */
function commitOf(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', '.', ':!test/bench/results') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ', changed' : ''}`;
}

/** The value below which the given share of the values lies. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

export function spreadOf(ratios: readonly number[]): Spread {
  return { min: twoDigits(Math.min(...ratios)), max: twoDigits(Math.max(...ratios)) };
}

export function twoDigits(value: number): number {
  return Math.round(value * 100) / 100;
}
