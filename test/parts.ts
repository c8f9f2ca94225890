import { rmSync } from 'node:fs';
import { makeRunFolder } from '../ops/run/abandoned.ts';
import { openGround } from '../ops/run/ground.ts';
import type { Ground, Running } from '../ops/run/part.ts';
import { clamd } from '../ops/run/parts/clamd.ts';
import { prepareDatabase } from '../ops/run/parts/database.ts';
import { postgres } from '../ops/run/parts/postgres.ts';
import { redisPart } from '../ops/run/parts/redis.ts';
import { REDIS_USERS } from '../ops/run/parts/redis-access.ts';
import { store } from '../ops/run/parts/store.ts';
import { choosePorts } from '../ops/run/ports.ts';

/** Redis as it is, and one user more, for looking at what is really in it. */
const EYES = 'eyes';
const redis = redisPart({ ...REDIS_USERS, [EYES]: '~* &* +@all' });

const PARTS = { postgres, redis, clamd, store };
export type PartName = keyof typeof PARTS;

/** Real servers of a test's own, on ports and state of their own. */
export interface TestParts extends AsyncDisposable {
  readonly ground: Ground;
  readonly running: Readonly<Partial<Record<PartName, Running>>>;
  /** Kills a part as a crash would, or starts it again. */
  kill(name: PartName): Promise<void>;
  restart(name: PartName): Promise<void>;
}

/**
 * Starts the parts that a test names; with postgres the database `assay` is there too, migrated.
 *
 * ```ts
 * await using parts = await startParts(['postgres', 'redis']);
 * databaseUrl(parts.ground, 'media_app')   // ops/run/parts/database.ts
 * redisUrl(parts.ground, 'gateway')        // ops/run/parts/redis.ts
 * ```
 */
export async function startParts(names: readonly PartName[]): Promise<TestParts> {
  const stateDir = makeRunFolder();
  const ground = openGround({ stateDir, ports: await choosePorts() });
  const running: Partial<Record<PartName, Running>> = {};
  const start = async (name: PartName) => void (running[name] = await PARTS[name].start(ground));
  const kill = async (name: PartName) => {
    const pid = running[name]?.pid;
    if (pid) process.kill(-pid, 'SIGKILL');
    await running[name]?.stop();
  };
  const end = async () => {
    await Promise.all(Object.values(running).map((part) => part.stop()));
    rmSync(stateDir, { recursive: true, force: true });
  };
  try {
    const started = await Promise.allSettled(names.map(start));
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    if (names.includes('postgres')) await prepareDatabase(ground);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    ground,
    running,
    kill,
    restart: start,
    [Symbol.asyncDispose]: end,
  };
}

/** The URL of a Redis user that may do anything, which no process has. */
export function redisEyesUrl({ ports, secrets }: Ground): string {
  return `redis://${EYES}:${secrets(`redis-${EYES}`)}@127.0.0.1:${ports.redis}`;
}
