import { Pool } from 'pg';

/** One transaction on the server. */
export interface Backend {
  readonly pid: number;
  /** When the transaction began, as PostgreSQL writes it. */
  readonly since: string;
}

/** A database whose running statements can be ended from outside. */
export interface Cancelling {
  /**
   * Ends the statement that a transaction of the same role runs; nothing happens where it runs none or has ended.
   *
   * @param backend as `withTenant` tells it. Its transaction is kept open until this returns: then the connection cannot serve
   *   somebody else in between.
   */
  cancel(backend: Backend): Promise<void>;
}

/** Beside the client's own connections, which are all taken just when statements are slow; nobody cancels, none is open. */
const CONNECTIONS = {
  max: 2,
  idleTimeoutMillis: 5_000,
  connectionTimeoutMillis: 2_000,
  allowExitOnIdle: true,
} as const;

/** The role that asks sees when its own transactions began. */
const CANCEL = 'select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and xact_start = $2::timestamptz';

/**
 * Adds {@link Cancelling} to a client.
 *
 * @param url as the client's role: PostgreSQL lets a role cancel its own backends only
 */
export function withCancelling<Client extends { $disconnect(): Promise<void> }>(
  client: Client,
  url: string,
): Client & Cancelling & AsyncDisposable {
  const pool = new Pool({ connectionString: url, ...CONNECTIONS });
  // Of connections that idle; a cancel that fails says so itself.
  pool.on('error', () => undefined);
  return Object.assign(client, {
    cancel: async ({ pid, since }: Backend) => void (await pool.query(CANCEL, [pid, since])),
    [Symbol.asyncDispose]: async () => void (await Promise.all([client.$disconnect(), pool.end()])),
  });
}
