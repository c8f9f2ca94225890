import { type Actor, type RawExecutor, type TenantOptions, type TransactionHost, withTenant } from '@assay/database';
import { type RequestTime, timeLeft } from './request-time.ts';

/** The rows of one request: reads share one transaction, each write has its own. */
export interface DatabaseSession<Tx> {
  /** Runs a read in the request's transaction, which opens with the first of them. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs a change in a transaction of its own, committed when it returns. The reading transaction ends first, so that later reads see it. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Ends the reading transaction; idempotent. */
  end(): Promise<void>;
}

interface Reading<Tx> {
  readonly tx: Promise<Tx>;
  readonly close: () => void;
  readonly closed: Promise<unknown>;
}

/** A transaction that is forgotten ends by itself, in milliseconds. */
const TIMEOUT_MS = 15_000;
const MAX_WAIT_MS = 5_000;

/**
 * Opens nothing yet: the first read begins the transaction.
 *
 * @param db a client of the subgraph's role
 * @param actor who asks
 * @param time of the request: once it is over nothing is begun, and the database ends the statement that runs
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
    current?.close();
    await current?.closed;
  };
  return {
    read: async (work) => {
      const left = timeLeft(time, TIMEOUT_MS);
      reading ??= beginReading(db, actor, left);
      return work(await reading.tx);
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

function beginReading<Tx extends RawExecutor>(db: TransactionHost<Tx>, actor: Actor, leftMs: number): Reading<Tx> {
  const opened = Promise.withResolvers<Tx>();
  const done = Promise.withResolvers<void>();
  const hold = (tx: Tx) => {
    opened.resolve(tx);
    return done.promise;
  };
  const closed = withTenant(db, actor, hold, optionsOf(leftMs)).catch((error: unknown) => {
    // Before it opened: the reader gets it. Afterwards the reads have their answers, and there is nothing to undo.
    opened.reject(error);
  });
  opened.promise.catch(() => undefined);
  return { tx: opened.promise, close: () => done.resolve(), closed };
}
