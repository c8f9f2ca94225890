import { verifyFences } from '@assay/database';
import { announceReady, startTelemetry } from '@assay/telemetry';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { parseDrainConfig, readEnv } from '../env.ts';
import { drainRedemptions } from './drain.ts';

const env = readEnv();
const telemetry = await startTelemetry('redemptions', env);
const { log } = telemetry;
const config = parseDrainConfig(env);
await verifyFences(config.databaseUrl);
const pool = new Pool({ connectionString: config.databaseUrl, max: 2 });
pool.on('error', (error) => log.warn({ err: error }, 'the database hung up'));
const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: null, enableReadyCheck: false });
redis.on('error', (error) => log.warn({ err: error }, 'redis is away'));
const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort());
const drained = drainRedemptions(redis, pool, ending.signal, (err) =>
  log.error({ err }, 'a redemption is not kept yet'),
);
announceReady('redemptions', '');
await drained;
redis.disconnect();
await pool.end();
await telemetry[Symbol.asyncDispose]();
