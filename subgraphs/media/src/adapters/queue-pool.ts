import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolConfig, type QueryConfig } from 'pg';

export interface QueuePoolOptions {
  /** As intake_worker. */
  readonly databaseUrl: string;
  readonly connections: PoolConfig;
  /** Aborted at the end: what was not said by then is left unsaid. */
  readonly ending: AbortSignal;
  /** Is told of every failure. */
  onError(error: Error): void;
}

export interface QueuePool {
  /** For whoever takes failures himself. */
  readonly database: Pool;
  /** For graphile-worker. */
  readonly lent: Pool;
}

const AGAIN_MS = 500;

/**
 * The database as graphile-worker can bear it. Nobody awaits what it says of a job that is done, so a refusal ends the process;
 * nobody listens to a connection while it is lent, so its end does too; and what it asks first of all it asks once, and keeps
 * the refusal. Here each of its statements is sent again until it is answered, which all of them allow (they name the job or
 * the task that they are about), but the one that takes a job: of that the queue minds no failure, and asks again by itself.
 */
export function openQueuePool({ databaseUrl, connections, ending, onError }: QueuePoolOptions): QueuePool {
  const database = new Pool({ ...connections, connectionString: databaseUrl });
  // Each connection tells of its own end, idle or lent; the pool says it again of the idle ones.
  database.on('error', () => undefined);
  database.on('connect', (client) => client.on('error', onError));

  const send = async (statement: QueryConfig): Promise<{ readonly rows: unknown[] }> => {
    for (;;) {
      try {
        return await database.query(statement);
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        // Without its code, by which the queue would wait three seconds and more.
        if (statement.name?.startsWith('get_job')) throw new Error(error.message, { cause });
        onError(error);
        await sleep(AGAIN_MS, undefined, { signal: ending }).catch(() => undefined);
        if (ending.aborted) return { rows: [] };
      }
    }
  };
  const client = { query: send, release: () => undefined };
  // With a callback it is the one connection that listens, which the queue opens again when it breaks.
  const connect = (callback?: Parameters<Pool['connect']>[0]) =>
    callback ? database.connect(callback) : Promise.resolve(client);
  const lent: Pool = Object.create(database, { connect: { value: connect } });
  return { database, lent };
}
