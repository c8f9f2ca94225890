import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { databaseUrl } from '../../../../ops/run/parts/database.ts';
import { redisUrl } from '../../../../ops/run/parts/redis.ts';
import type { House } from './house.ts';

const ENTRY = fileURLToPath(new URL('../../src/workers/intake.main.ts', import.meta.url));

/** The intake worker as a process of its own, which can be killed. */
export interface WorkerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** As a crash would: nothing is said, nothing is tidied up. */
  kill(): Promise<void>;
}

export async function startWorkerProcess(house: House, over: Record<string, string> = {}): Promise<WorkerProcess> {
  const { ground, running } = house.parts;
  const child = spawn(process.execPath, ['--import', 'tsx', ENTRY], {
    env: {
      PATH: '/usr/bin:/bin',
      ASSAY_STORE_URL: running.store?.url,
      ASSAY_STORE_KEY: 'intake',
      ASSAY_STORE_SECRET: ground.secrets('store-intake'),
      ASSAY_DATABASE_URL_INTAKE_WORKER: databaseUrl(ground, 'intake_worker'),
      ASSAY_REDIS_URL: redisUrl(ground, 'worker'),
      ASSAY_CLAMD: running.clamd?.url,
      ASSAY_PORT: '0',
      ASSAY_LOG_LEVEL: process.env['ASSAY_LOG_LEVEL'] ?? 'fatal',
      ...over,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const url = await readyUrl(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return { url, pid: child.pid ?? 0, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: () => end('SIGTERM') };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The worker has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { msg?: string; url?: string };
    if (said.msg === 'ready' && said.url) return said.url;
  }
  throw new Error('The worker ended before it was ready.');
}
