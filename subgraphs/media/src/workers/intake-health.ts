import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClamdScanner } from '../adapters/clamd.ts';
import type { JobPool } from './job-pool.ts';

/** What the worker's door answers. */
export interface IntakeHealth {
  readonly status: 'ready' | 'unready';
  readonly parts: {
    readonly clamd: {
      readonly ok: boolean;
      readonly engine?: string;
      readonly signatures?: string;
      readonly signaturesAgeS?: number | null;
    };
    readonly queue: { readonly ok: boolean; readonly depth?: number; readonly oldestS?: number };
    readonly jobs: { readonly ok: boolean; readonly lastDoneAt: string | null };
  };
}

export interface HealthSources {
  readonly scanner: Pick<ClamdScanner, 'version'>;
  readonly jobs: Pick<JobPool, 'isRunning' | 'database'>;
  /** When a job was last done; null before the first. */
  lastDoneAt(): Date | null;
}

/** Looks at what the worker stands on. */
export async function lookAtHealth({ scanner, jobs, lastDoneAt }: HealthSources): Promise<IntakeHealth> {
  const [clamd, queue] = await Promise.all([lookAtClamd(scanner), lookAtQueue(jobs)]);
  const running = { ok: jobs.isRunning, lastDoneAt: lastDoneAt()?.toISOString() ?? null };
  const isReady = clamd.ok && queue.ok && running.ok;
  return { status: isReady ? 'ready' : 'unready', parts: { clamd, queue, jobs: running } };
}

async function lookAtClamd(scanner: Pick<ClamdScanner, 'version'>) {
  try {
    const { engine, data, dataAt } = await scanner.version();
    const signaturesAgeS = dataAt && Math.round((Date.now() - dataAt.getTime()) / 1_000);
    return { ok: true, engine, signatures: data, signaturesAgeS };
  } catch {
    return { ok: false };
  }
}

async function lookAtQueue({ database }: Pick<JobPool, 'database'>) {
  try {
    const { rows } = await database.query<{ depth: string; oldest: number | null }>(
      `select count(*) as depth, extract(epoch from now() - min(run_at))::float8 as oldest
       from graphile_worker._private_jobs where run_at <= now() and locked_at is null`,
    );
    return { ok: true, depth: Number(rows[0]?.depth ?? 0), oldestS: Math.max(0, Math.round(rows[0]?.oldest ?? 0)) };
  } catch {
    return { ok: false };
  }
}

/** Serves `GET /health` (and `/health/ready`): 200 when the worker can work, 503 with the same body when it cannot; `/health/live` always answers. */
export async function openHealthDoor(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  look: () => Promise<IntakeHealth>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'GET') return answer(405, { status: 'GET only' });
    if (request.url === '/health/live') return answer(200, { status: 'live' });
    if (request.url !== '/health' && request.url !== '/health/ready') return answer(404, { status: 'not found' });
    look().then(
      (health) => answer(health.status === 'ready' ? 200 : 503, health),
      () => answer(503, { status: 'unready' }),
    );
  });
  await listen(server, hostname, port);
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${hostname}:${bound}`, [Symbol.asyncDispose]: () => close(server) };
}

function listen(server: Server, hostname: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, resolve);
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
