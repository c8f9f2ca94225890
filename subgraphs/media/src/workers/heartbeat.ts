import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { PATIENCE } from '../adapters/database.ts';

const BEAT_AGAIN_MS = 500;
const GOODBYE_MS = 1_000;

/**
 * Says that a pool of workers lives, for as long as its process does: an advisory lock under the pool's name, which ends with
 * the process, whatever ends it. graphile-worker itself would wait four hours for jobs of a worker that was killed.
 */
export interface Heartbeat extends AsyncDisposable {
  /** While it is not, others may take the pool's jobs. */
  readonly isHeard: boolean;
}

/** @param url as intake_worker; @param onSilence is told why nobody hears it for now: it goes on when the database is back */
export function startHeartbeat(url: string, poolId: string, onSilence: (error: unknown) => void): Heartbeat {
  const ending = new AbortController();
  let isHeard = false;
  const beating = (async () => {
    while (!ending.signal.aborted) {
      await beat(url, poolId, ending.signal, () => (isHeard = true)).catch((error: unknown) => {
        if (!ending.signal.aborted) onSilence(error);
      });
      isHeard = false;
      await sleep(BEAT_AGAIN_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    get isHeard() {
      return isHeard;
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await beating;
    },
  };
}

/** One connection, from its beginning to its end. */
async function beat(url: string, poolId: string, signal: AbortSignal, onHeard: () => void): Promise<void> {
  const client = new Client({ connectionString: url, ...PATIENCE });
  const ended = once(client, 'end', { signal });
  ended.catch(() => undefined);
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ is_held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as is_held',
      [`worker:${poolId}`],
    );
    if (!rows[0]?.is_held) throw new Error('The database still hears the connection before this one.');
    onHeard();
    await ended;
  } finally {
    // A server that hangs says no goodbye, and nobody waits for it.
    await Promise.race([client.end().catch(() => undefined), sleep(GOODBYE_MS, undefined, { ref: false })]);
  }
}
