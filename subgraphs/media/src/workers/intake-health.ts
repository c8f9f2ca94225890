import type { ClamdScanner } from '../adapters/clamd.ts';
import { type Door, openDoor, writeJson } from './door.ts';
import type { IntakeFigures } from './intake-figures.ts';
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

/**
 * Serves `GET /health` (and `/health/ready`): 200 when the worker can work, 503 with the same body when it cannot;
 * `/health/live` always answers. `GET /metrics` is OpenMetrics.
 */
export function openHealthDoor(
  address: Parameters<typeof openDoor>[0],
  look: () => Promise<IntakeHealth>,
  figures: Pick<IntakeFigures, 'print' | 'contentType'>,
): Promise<Door> {
  return openDoor(address, async (request, response) => {
    if (request.method !== 'GET') return writeJson(response, 405, { status: 'GET only' });
    if (request.url === '/health/live') return writeJson(response, 200, { status: 'live' });
    if (request.url === '/metrics') {
      const text = await figures.print(await look());
      response.writeHead(200, { 'content-type': figures.contentType });
      return void response.end(text);
    }
    if (request.url !== '/health' && request.url !== '/health/ready')
      return writeJson(response, 404, { status: 'not found' });
    const health = await look();
    writeJson(response, health.status === 'ready' ? 200 : 503, health);
  });
}
