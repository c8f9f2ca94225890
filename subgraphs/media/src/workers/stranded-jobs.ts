import type { Pool } from 'pg';

/** Longer than it takes a new pool to be heard, in seconds. */
const BENEFIT_S = 5;
/** How far off a job may be that was begun and given up, in seconds. */
const CALLED_BACK_S = 2;

/** Finds jobs that nobody works on and nobody would take, and frees them. */
export interface StrandedJobs {
  /** @returns how many jobs were freed */
  free(): Promise<number>;
}

/**
 * @param database as intake_worker
 * @param poolId of this process's own pool
 * @param running the ids of the jobs that it works on
 */
export function watchStrandedJobs(database: Pool, poolId: string, running: ReadonlySet<string>): StrandedJobs {
  let suspected: ReadonlySet<string> = new Set();
  return {
    free: async () => {
      await callBack(database);
      const { rows } = await database.query<{ id: string }>(
        'select id from graphile_worker._private_jobs where locked_by = $1',
        [poolId],
      );
      const forgotten = rows.map(({ id }) => id).filter((id) => !running.has(id));
      // Seen once, it may just be coming or going.
      const ours = await unlock(
        database,
        forgotten.filter((id) => suspected.has(id)),
        poolId,
      );
      suspected = new Set(forgotten);
      return ours + (await freeOfTheDead(database, poolId));
    },
  };
}

/** What was given up while the database was away: the queue would have it wait `e` to the power of its attempts, in seconds. */
async function callBack(database: Pool): Promise<void> {
  await database.query(
    `update graphile_worker._private_jobs set run_at = now()
     where locked_at is null and attempts > 0 and run_at > now() + make_interval(secs => $1)`,
    [CALLED_BACK_S],
  );
}

/** What this pool took and does not know of: the answer to its taking it was lost. */
async function unlock(database: Pool, ids: readonly string[], poolId: string): Promise<number> {
  if (ids.length === 0) return 0;
  const { rowCount } = await database.query(
    `update graphile_worker._private_jobs set locked_at = null, locked_by = null
     where id = any($1::bigint[]) and locked_by = $2`,
    [ids, poolId],
  );
  return rowCount ?? 0;
}

/** What pools that live no more had taken. */
async function freeOfTheDead(database: Pool, poolId: string): Promise<number> {
  const { rowCount } = await database.query(
    `update graphile_worker._private_jobs set locked_at = null, locked_by = null
     where locked_by in (
       select locked_by from (
         select distinct locked_by from graphile_worker._private_jobs
         where locked_at < now() - make_interval(secs => $1) and locked_by <> $2 offset 0
       ) lockers
       where pg_try_advisory_xact_lock(hashtextextended('worker:' || locked_by, 0))
     )`,
    [BENEFIT_S, poolId],
  );
  return rowCount ?? 0;
}
