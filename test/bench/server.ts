import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import FLAGS from '../../ops/run/node-flags.json' with { type: 'json' };
import { ROOT } from '../../ops/run/paths.ts';

/** A server that is measured. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds that its process has spent on cores so far. */
  cpuMs(): number;
  /** MB that its process holds. */
  memoryMb(): number;
}

/** Clock ticks of /proc, on every Linux that Node runs on. */
const TICK_MS = 10;

/**
 * A server as a process of its own, run as the product runs its processes.
 *
 * @param entry writes one line with its `url` when it is ready
 * @param core that it may run on; left out: any
 * @param flags of Node, besides those that every process of the product has
 * @throws Error when it ends before
 */
export async function startServer(
  entry: string,
  env: Readonly<Record<string, string>>,
  core?: number,
  flags: readonly string[] = [],
): Promise<Server> {
  const program = [...flags, ...FLAGS.every, join(ROOT, entry)];
  const [command, ...args] = onCore(core, [process.execPath, ...profiling(entry), ...program]);
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exit.then(() => Promise.reject(new Error(`${entry} ended before it was ready.`))),
  ]);
  const ready: unknown = JSON.parse(String(line));
  const url = typeof ready === 'object' && ready !== null && 'url' in ready ? String(ready.url) : '';
  const { pid = 0 } = child;
  return {
    url,
    pid,
    cpuMs: () => cpuMsOf(pid),
    memoryMb: () => memoryMbOf(pid),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** The same with what `npm run router` gives its process. */
export function startRouterServer(entry: string, env: Readonly<Record<string, string>>, core: number): Promise<Server> {
  return startServer(entry, env, core, FLAGS.router);
}

/**
 * A peer's server, which answers GraphQL at a port that it is given.
 *
 * @param command the program and its arguments, `PORT` standing for the port
 * @param folder where the peer is installed
 * @throws Error when it does not answer within half a minute
 */
export async function startPeer(
  command: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
  core: number,
): Promise<Server> {
  const port = await freePort();
  const [program, ...args] = onCore(
    core,
    command.map((part) => part.replace(/PORT$/, `${port}`)),
  );
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { pid = 0 } = child;
  const exit = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + 30_000;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`${command.join(' ')} does not answer.`);
    await setTimeout(100);
  }
  return {
    url,
    pid,
    cpuMs: () => cpuMsOf(pid),
    memoryMb: () => memoryMbOf(pid),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Runs the rest of this process on one core, with what it starts from now on. */
export function moveTo(core: number): Disposable {
  const before = affinityOf('self');
  const set = (cores: string) => execFileSync('taskset', ['-acp', cores, String(process.pid)], { stdio: 'ignore' });
  set(String(core));
  return { [Symbol.dispose]: () => set(before) };
}

function affinityOf(pid: string): string {
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
}

function onCore(core: number | undefined, command: readonly string[]): readonly [string, ...string[]] {
  const [program = '', ...args] = command;
  return core === undefined ? [program, ...args] : ['taskset', '-c', String(core), program, ...args];
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{__typename}"}',
  }).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

/** `ASSAY_BENCH_PROFILE=DIR` leaves a CPU profile of each server there; the figures of such a run say nothing. */
function profiling(entry: string): string[] {
  const folder = process.env['ASSAY_BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${join(folder, entry.replaceAll('/', '-'))}`] : [];
}

/** MB that a process holds. */
export function memoryMbOf(pid: number): number {
  return Math.round(Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024);
}

/** Milliseconds that a process has spent on cores so far. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces; what follows it are the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
