import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Running } from './part.ts';

export interface ChildOptions {
  readonly stateDir: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly url: string;
  /** Asks whether it answers; called until it does, the process ends or patience does. */
  isReady(): Promise<boolean>;
  readonly patienceMs?: number;
  readonly stopSignal?: NodeJS.Signals;
}

const POLL_MS = 40;
const GRACE_MS = 5_000;

/**
 * Starts a process in a group of its own, with its output in `logs/NAME.log` and its pid on record, and waits until it answers.
 *
 * @throws Error with the end of its log when it ends or does not answer in time
 */
export async function startChild(options: ChildOptions): Promise<Running> {
  for (const folder of ['logs', 'run']) mkdirSync(join(options.stateDir, folder), { recursive: true, mode: 0o700 });
  const log = join(options.stateDir, 'logs', `${options.name}.log`);
  const output = openSync(log, 'w', 0o600);
  const child = spawn(options.command, options.args, {
    cwd: options.cwd ?? options.stateDir,
    env: { ...options.env },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  const { pid } = child;
  if (pid === undefined) await failed;
  const record = join(options.stateDir, 'run', `${options.name}.json`);
  writeFileSync(record, JSON.stringify({ pid, started: startTimeOf(pid ?? 0) }), { mode: 0o600 });
  const stop = async () => {
    await endGroup(child, ended, options.stopSignal ?? 'SIGTERM');
    rmSync(record, { force: true });
  };
  try {
    await waitUntilReady(options, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: pid ?? null, url: options.url, stop };
}

async function waitUntilReady(options: ChildOptions, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + (options.patienceMs ?? 30_000);
  while (!(await options.isReady())) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${options.name} ended at once:\n${tailOf(log)}`);
    if (Date.now() > deadline) throw new Error(`${options.name} did not answer in time:\n${tailOf(log)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function endGroup(child: ChildProcess, ended: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined) return;
  signalGroup(child.pid, signal, child);
  const killer = setTimeout(() => signalGroup(child.pid ?? 0, 'SIGKILL', child), GRACE_MS);
  await ended;
  clearTimeout(killer);
  // What it left behind in its group.
  signalGroup(child.pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals, leader?: ChildProcess): void {
  try {
    if (leader && signal !== 'SIGKILL') leader.kill(signal);
    else process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

/** The end of a log, as an error shows it. */
export function tailOf(log: string): string {
  return readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');
}

/**
 * Ends what an earlier start of the same system left running: processes whose pid and start time are on record,
 * so that a pid that somebody else has by now is left alone.
 *
 * @returns the names of what was ended
 */
export async function endLeftovers(stateDir: string): Promise<string[]> {
  const folder = join(stateDir, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ended: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const { pid, started } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { pid: number; started: string };
    if (started !== '' && startTimeOf(pid) === started) {
      process.kill(-pid, 'SIGKILL');
      while (startTimeOf(pid) === started) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      ended.push(file.replace('.json', ''));
    }
    rmSync(join(folder, file), { force: true });
  }
  return ended;
}

/** When a process began, in clock ticks since boot (proc(5), field 22 of stat); '' when there is none. */
export function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
