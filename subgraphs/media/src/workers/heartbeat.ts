import { Client, type Pool } from 'pg';

/** Longer than it takes a new pool to say that it lives, in seconds. */
const BENEFIT_S = 5;

/**
 * Says that a pool of workers lives, for as long as its connection does: an advisory lock under the pool's name, which ends
 * with the process, whatever ends it. graphile-worker itself would wait four hours for jobs of a worker that was killed.
 */
export interface Heartbeat extends AsyncDisposable {
  /** Rejects when the connection is lost: others may then take the pool's jobs. */
  readonly lost: Promise<never>;
}

/** @param url as intake_worker */
export async function startHeartbeat(url: string, poolId: string): Promise<Heartbeat> {
  const client = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  client.on('error', (error) => gone.reject(error));
  client.on('end', () => gone.reject(new Error('The connection that says that this worker lives has ended.')));
  await client.connect();
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [lockName(poolId)]);
  return {
    lost: gone.promise,
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  };
}

/** Frees the jobs of pools that live no more. @returns how many pools that were */
export async function freeJobsOfTheDead(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ locked_by: string }>(
    `select locked_by from (
       select distinct locked_by from graphile_worker._private_jobs
       where locked_at < now() - make_interval(secs => $1) offset 0
     ) lockers
     where pg_try_advisory_xact_lock(hashtextextended('worker:' || locked_by, 0))`,
    [BENEFIT_S],
  );
  if (rows.length === 0) return 0;
  await pool.query('select graphile_worker.force_unlock_workers($1::text[])', [rows.map((row) => row.locked_by)]);
  return rows.length;
}

function lockName(poolId: string): string {
  return `worker:${poolId}`;
}
