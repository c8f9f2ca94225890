import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Actor,
  type Backend,
  type RawExecutor,
  type TenantOptions,
  type TransactionHost,
  withTenant,
} from '@assay/database';
import { type RequestTime, timeLeft, timeOver } from './request-time.ts';

/** The rows of one request: reads share one transaction, each write has its own. */
export interface DatabaseSession<Tx> {
  /** Runs a read in the request's transaction, which opens with the first of them. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs a change in a transaction of its own, committed when it returns. The reading transaction ends first, so that later reads see it. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Ends the reading transaction; idempotent. */
  end(): Promise<void>;
}

/** A transaction that is forgotten ends by itself, in milliseconds. */
const TIMEOUT_MS = 15_000;
const MAX_WAIT_MS = 5_000;

/**
 * Opens nothing yet: the first read begins the transaction.
 *
 * @param db a client of the subgraph's role
 * @param actor who asks
 * @param time of the request: once it is over nothing is begun, and the database ends the statement that runs; when whoever asked
 *   leaves, the statement of a read is ended at once, while a change finishes what it has begun
 */
export function openDatabaseSession<Tx extends RawExecutor>(
  db: TransactionHost<Tx>,
  actor: Actor,
  time: RequestTime = {},
): DatabaseSession<Tx> {
  let reading: Reading<Tx> | undefined;

  const end = async () => {
    const current = reading;
    reading = undefined;
    await current?.close();
  };
  return {
    read: async (work) => {
      const left = timeLeft(time, TIMEOUT_MS);
      reading ??= beginReading(db, actor, time, left);
      try {
        return await reading.run(work);
      } catch (error) {
        throw time.signal?.aborted ? timeOver(error) : error;
      }
    },
    write: async (work) => {
      await end();
      return withTenant(db, actor, work, optionsOf(timeLeft(time, TIMEOUT_MS)));
    },
    end,
  };
}

function optionsOf(leftMs: number): TenantOptions {
  return { maxWait: Math.min(leftMs, MAX_WAIT_MS), timeout: TIMEOUT_MS, statementTimeoutMs: leftMs };
}

/** The transaction of a request's reads. */
interface Reading<Tx> {
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Ends it; waits for what cancels its statements, so that the connection is nobody else's before that is done. */
  close(): Promise<void>;
}

function beginReading<Tx extends RawExecutor>(
  db: TransactionHost<Tx>,
  actor: Actor,
  time: RequestTime,
  leftMs: number,
): Reading<Tx> {
  const opened = Promise.withResolvers<Tx>();
  const done = Promise.withResolvers<void>();
  const running = new Set<Promise<unknown>>();
  let leaving: Leaving | undefined;
  let isOver = false;
  const hold = (tx: Tx, backend: Backend) => {
    // Whoever asked may have left while this waited for a connection.
    timeLeft(time, TIMEOUT_MS);
    if (!isOver) leaving = onLeaving(time.signal, () => cancelAll(running, async () => db.cancel?.(backend)));
    opened.resolve(tx);
    return done.promise;
  };
  const closed = withTenant(db, actor, hold, optionsOf(leftMs)).catch((error: unknown) => {
    // Before it opened: the reader gets it. Afterwards the reads have their answers, and there is nothing to undo.
    opened.reject(error);
  });
  opened.promise.catch(() => undefined);
  return {
    run: async (work) => {
      const tx = await opened.promise;
      timeLeft(time, TIMEOUT_MS);
      const reads = work(tx);
      running.add(reads);
      return reads.finally(() => running.delete(reads));
    },
    close: async () => {
      isOver = true;
      await leaving?.stop();
      done.resolve();
      await closed;
    },
  };
}

/** A statement that was sent and not begun when it was cancelled begins all the same, and is cancelled again. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1_000;

/** Cancels until nothing runs. Where that fails, what runs ends with the request's deadline. */
async function cancelAll(running: ReadonlySet<Promise<unknown>>, cancel: () => Promise<void>): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; running.size > 0; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    await cancel();
    await Promise.race([Promise.allSettled(running), sleep(waitMs)]);
  }
}

interface Leaving {
  /** Listens no more; returns when what was begun is done. */
  stop(): Promise<void>;
}

function onLeaving(signal: AbortSignal | undefined, act: () => Promise<void>): Leaving {
  let begun: Promise<void> | undefined;
  const leave = () => {
    begun = act().catch(() => undefined);
  };
  signal?.addEventListener('abort', leave, { once: true });
  return {
    stop: async () => {
      signal?.removeEventListener('abort', leave);
      await begun;
    },
  };
}
