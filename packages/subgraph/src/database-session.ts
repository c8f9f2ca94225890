import { type Actor, type RawExecutor, type TransactionHost, withTenant } from '@assay/database';

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

/** A reading transaction that is forgotten ends by itself, in milliseconds. */
const READ_TIMEOUT_MS = 15_000;

/**
 * Opens nothing yet: the first read begins the transaction.
 *
 * @param db a client of the subgraph's role
 * @param actor who asks
 */
export function openDatabaseSession<Tx extends RawExecutor>(
  db: TransactionHost<Tx>,
  actor: Actor,
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
      reading ??= beginReading(db, actor);
      return work(await reading.tx);
    },
    write: async (work) => {
      await end();
      return withTenant(db, actor, work);
    },
    end,
  };
}

function beginReading<Tx extends RawExecutor>(db: TransactionHost<Tx>, actor: Actor): Reading<Tx> {
  const opened = Promise.withResolvers<Tx>();
  const done = Promise.withResolvers<void>();
  const hold = (tx: Tx) => {
    opened.resolve(tx);
    return done.promise;
  };
  const closed = withTenant(db, actor, hold, { maxWait: 5_000, timeout: READ_TIMEOUT_MS }).catch((error: unknown) => {
    // Before it opened: the reader gets it. Afterwards the reads have their answers, and there is nothing to undo.
    opened.reject(error);
  });
  opened.promise.catch(() => undefined);
  return { tx: opened.promise, close: () => done.resolve(), closed };
}
