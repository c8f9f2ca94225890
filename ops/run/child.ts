import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordProcess } from './leftovers.ts';
import type { End, Environment, Running } from './part.ts';

export interface ChildOptions {
  readonly stateDir: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Environment;
  readonly cwd?: string;
  readonly url: string;
  /** Asks whether it answers; called until it does, the process ends or patience does. */
  isReady(): Promise<boolean> | boolean;
  readonly patienceMs?: number;
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to end by itself before it is killed. */
  readonly graceMs?: number;
  /** Aborted when everything is to end. */
  readonly ending?: AbortSignal | undefined;
}

const POLL_MS = 25;
const PATIENCE_MS = 30_000;
const GRACE_MS = 5_000;

/**
 * Starts a process in a group of its own, with its output in `logs/NAME.log` (the last run's in `logs/NAME.1.log`) and its
 * pid on record, and waits until it answers.
 *
 * @throws Error with the end of its log when it ends or does not answer in time
 */
export async function startChild(options: ChildOptions): Promise<Running> {
  options.ending?.throwIfAborted();
  const log = logOf(options.stateDir, options.name);
  const { child, pid } = await spawnChild(options, log);
  const ended = new Promise<End>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const forget = recordProcess(options.stateDir, options.name, pid);
  // What it left behind in its group goes with it.
  void ended.then(() => signalGroup(pid, 'SIGKILL'));
  const stop = async () => {
    await endChild(child, pid, ended, options);
    forget();
  };
  try {
    await waitUntilReady(options, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid, url: options.url, ended, stop };
}

/** Where a part writes. */
export function logOf(stateDir: string, name: string): string {
  return join(stateDir, 'logs', `${name}.log`);
}

/** The end of a log, as an error shows it. */
export function tailOf(log: string, lines = 15): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
}

async function spawnChild(options: ChildOptions, log: string): Promise<{ child: ChildProcess; pid: number }> {
  mkdirSync(join(options.stateDir, 'logs'), { recursive: true, mode: 0o700 });
  if (existsSync(log)) renameSync(log, log.replace(/log$/, '1.log'));
  const output = openSync(log, 'w', 0o600);
  const child = spawn(options.command, options.args, {
    cwd: options.cwd ?? options.stateDir,
    env: { ...options.env },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const { pid } = child;
  if (pid !== undefined) return { child, pid };
  const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
  throw new Error(`${options.name} could not be started: ${cause.message}`, { cause });
}

async function waitUntilReady(options: ChildOptions, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + (options.patienceMs ?? PATIENCE_MS);
  while (!(await options.isReady())) {
    options.ending?.throwIfAborted();
    if (hasEnded(child)) throw new Error(`${options.name} ended before it was ready:\n${tailOf(log)}`);
    if (Date.now() > deadline) throw new Error(`${options.name} did not answer in time:\n${tailOf(log)}`);
    await sleep(POLL_MS);
  }
  // Somebody else may have answered in its place.
  if (hasEnded(child)) throw new Error(`${options.name} ended before it was ready:\n${tailOf(log)}`);
}

async function endChild(child: ChildProcess, pid: number, ended: Promise<End>, options: ChildOptions): Promise<void> {
  if (!hasEnded(child)) child.kill(options.stopSignal ?? 'SIGTERM');
  const killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), options.graceMs ?? GRACE_MS);
  await ended;
  clearTimeout(killer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
