import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@assay/telemetry';
import { Logger, runTaskList, type TaskList, type WorkerPool } from 'graphile-worker';
import { Pool } from 'pg';
import { freeJobsOfTheDead, startHeartbeat } from './heartbeat.ts';

export interface JobPoolOptions {
  /** As intake_worker. */
  readonly databaseUrl: string;
  readonly concurrency: number;
  readonly tasks: TaskList;
  readonly log: Log;
}

export interface JobPool extends AsyncDisposable {
  /** Whether jobs are being taken now. */
  readonly isRunning: boolean;
  /** For looking at the queue. */
  readonly database: Pool;
}

/** With a delay set, even of nothing, a job that cannot be marked done or failed is tried again; without, it ends the process. */
const PRESET = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const LOOK_FOR_DEAD_MS = 3_000;
const BEGIN_AGAIN_MS = 500;

/**
 * Takes jobs until it is disposed. A pool that breaks, as it does when the database goes away, is followed by another; it
 * never migrates, which is the owner's matter.
 */
export function startJobPool(options: JobPoolOptions): JobPool {
  const { log } = options;
  const database = new Pool({
    connectionString: options.databaseUrl,
    max: options.concurrency + 3,
    connectionTimeoutMillis: 5_000,
  });
  database.on('error', (error) => log.warn({ err: error }, 'a connection to the database broke'));
  const ending = new AbortController();
  let current: WorkerPool | undefined;

  const keepRunning = async () => {
    while (!ending.signal.aborted) {
      try {
        await freeJobsOfTheDead(database);
        await runOnePool(options, database, ending.signal, (pool) => (current = pool));
      } catch (error) {
        log.warn({ err: error }, 'the job pool broke and begins again');
      }
      current = undefined;
      if (!ending.signal.aborted)
        await sleep(BEGIN_AGAIN_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const ended = keepRunning();
  return {
    get isRunning() {
      return current !== undefined;
    },
    database,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await ended;
      await database.end();
    },
  };
}

async function runOnePool(
  { concurrency, tasks, log, databaseUrl }: JobPoolOptions,
  database: Pool,
  signal: AbortSignal,
  onStart: (pool: WorkerPool) => void,
): Promise<void> {
  const pool = runTaskList(
    {
      preset: { worker: PRESET },
      concurrency,
      noHandleSignals: true,
      pollInterval: 1_000,
      pgPool: database,
      logger: loggerOver(log),
    },
    tasks,
    database,
  );
  const broken = pool.promise.then(() => {
    if (!signal.aborted) throw new Error('The job pool ended by itself.');
  });
  broken.catch(() => undefined);
  try {
    await using heartbeat = await startHeartbeat(databaseUrl, pool.id);
    onStart(pool);
    const looking = lookForDead(database, signal, log);
    await Promise.race([broken, heartbeat.lost, looking]);
  } finally {
    await end(pool, signal.aborted);
  }
}

/** At the end running jobs finish; a pool that broke ends at once, and its jobs are free as soon as its heartbeat is. */
async function end(pool: WorkerPool, isPeaceful: boolean): Promise<void> {
  const shutdown = isPeaceful ? pool.gracefulShutdown('the worker ends') : pool.forcefulShutdown('the pool broke');
  await Promise.race([Promise.resolve(shutdown).catch(() => undefined), sleep(4_000)]);
}

async function lookForDead(database: Pool, signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    await sleep(LOOK_FOR_DEAD_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const freed = await freeJobsOfTheDead(database);
    if (freed > 0) log.info({ pools: freed }, 'jobs of workers that live no more are free again');
  }
}

function loggerOver(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === 'error') log.warn({ meta }, message);
    else log.debug({ meta }, message);
  });
}
