import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@assay/telemetry';
import { Logger, runTaskList, type TaskList, type WorkerPool } from 'graphile-worker';
import type { Pool } from 'pg';
import { PATIENCE } from '../adapters/database.ts';
import { openQueuePool, type QueuePool } from '../adapters/queue-pool.ts';
import { startHeartbeat } from './heartbeat.ts';
import { type StrandedJobs, watchStrandedJobs } from './stranded-jobs.ts';

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

/** Beside what the workers use: one connection listens, one frees, one looks. */
const MORE_CONNECTIONS = 3;
const LOOK_FOR_STRANDED_MS = 3_000;
const BEGIN_AGAIN_MS = 500;
const GRACE_MS = 4_000;

/**
 * Takes jobs until it is disposed, whatever becomes of the database meanwhile: it asks again until it is back, and what was
 * being worked on then is found and freed. It never migrates, which is the owner's matter.
 */
export function startJobPool(options: JobPoolOptions): JobPool {
  const { log } = options;
  const ending = new AbortController();
  const queue = openQueuePool({
    databaseUrl: options.databaseUrl,
    connections: { ...PATIENCE, max: options.concurrency + MORE_CONNECTIONS },
    ending: ending.signal,
    onError: (error) => log.warn({ err: error }, 'the job queue does not reach the database'),
  });
  let isRunning = () => false;

  const keepRunning = async () => {
    while (!ending.signal.aborted) {
      await runOnePool(options, queue, ending.signal, (look) => (isRunning = look)).catch((error: unknown) =>
        log.error({ err: error }, 'the job pool broke and begins again'),
      );
      isRunning = () => false;
      await pause(BEGIN_AGAIN_MS, ending.signal);
    }
  };
  const ended = keepRunning();
  return {
    get isRunning() {
      return isRunning();
    },
    database: queue.database,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await ended;
      await queue.database.end();
    },
  };
}

async function runOnePool(
  { concurrency, tasks, log, databaseUrl }: JobPoolOptions,
  { database, lent }: QueuePool,
  signal: AbortSignal,
  onStart: (isRunning: () => boolean) => void,
): Promise<void> {
  const running = new Set<string>();
  const settings = { concurrency, noHandleSignals: true, pollInterval: 1_000, logger: loggerOver(log) };
  const pool = runTaskList(settings, watched(tasks, running), lent);
  await using heartbeat = startHeartbeat(databaseUrl, pool.id, (error) =>
    log.warn({ err: error }, 'nobody hears that this worker lives'),
  );
  onStart(() => heartbeat.isHeard);
  const broken = Promise.resolve(pool.promise).then(() => Promise.reject(new Error('The job pool ended by itself.')));
  await Promise.race([broken, freeStrandedJobs(watchStrandedJobs(database, pool.id, running), signal, log)]);
  // Running jobs finish; those that take too long are freed once this pool is heard no more.
  await end(pool);
}

/** Until the end; whether this pool lives is for its heartbeat to say. */
async function freeStrandedJobs(stranded: StrandedJobs, signal: AbortSignal, log: Log): Promise<void> {
  for (;;) {
    await pause(LOOK_FOR_STRANDED_MS, signal);
    if (signal.aborted) return;
    try {
      const freed = await stranded.free();
      if (freed > 0) log.info({ jobs: freed }, 'jobs that nobody worked on are free again');
    } catch (error) {
      log.warn({ err: error }, 'jobs that nobody works on are looked for later');
    }
  }
}

/** Knows which jobs are being worked on. */
function watched(tasks: TaskList, running: Set<string>): TaskList {
  return Object.fromEntries(
    Object.entries(tasks).map(([name, task]): [string, typeof task] => [
      name,
      async (payload, helpers) => {
        running.add(helpers.job.id);
        try {
          return await task?.(payload, helpers);
        } finally {
          running.delete(helpers.job.id);
        }
      },
    ]),
  );
}

async function end(pool: WorkerPool): Promise<void> {
  const shutdown = Promise.resolve(pool.gracefulShutdown('the worker ends')).catch(() => undefined);
  await Promise.race([shutdown, sleep(GRACE_MS)]);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function loggerOver(log: Log): Logger {
  return new Logger(() => (level, message, meta) => {
    if (level === 'error') log.warn({ meta }, message);
    else log.debug({ meta }, message);
  });
}
