import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../ops/run/paths.ts';

/** A server that is measured. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds that its process has spent on cores so far. */
  cpuMs(): number;
}

/** Clock ticks of /proc, on every Linux that Node runs on. */
const TICK_MS = 10;

/**
 * A server as a process of its own, run as the product runs its processes.
 *
 * @param entry writes one line with its `url` when it is ready
 * @throws Error when it ends before
 */
export async function startServer(entry: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const flags = ['--disable-warning=ExperimentalWarning', '--import', 'tsx', join(ROOT, entry)];
  const child = spawn(process.execPath, [...profiling(entry), ...flags], {
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
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** `ASSAY_BENCH_PROFILE=DIR` leaves a CPU profile of each server there; the figures of such a run say nothing. */
function profiling(entry: string): string[] {
  const folder = process.env['ASSAY_BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${join(folder, entry.replaceAll('/', '-'))}`] : [];
}

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces; what follows it are the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
