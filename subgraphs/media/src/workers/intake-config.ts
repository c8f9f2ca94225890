import { z } from 'zod';
import type { StoreConfig } from '../adapters/s3-client.ts';
import type { BucketNames } from '../adapters/s3-vault.ts';
import { bucketsOf, type Environment, storeOf, storeShape } from '../config.ts';

/** What the intake worker runs with. */
export interface IntakeConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly store: StoreConfig;
  readonly buckets: BucketNames;
  readonly clamd: string;
  readonly listen: { readonly hostname: string; readonly port: number };
  readonly concurrency: number;
  readonly retryAfterMs: readonly number[];
}

const schema = z.object({
  ...storeShape,
  ASSAY_DATABASE_URL_INTAKE_WORKER: z.url(),
  ASSAY_REDIS_URL: z.url(),
  ASSAY_CLAMD: z.string().regex(/^(unix:\/|tcp:\/\/)/),
  ASSAY_HOST: z.string().default('127.0.0.1'),
  ASSAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4010),
  // Two cores: one asset decodes while another waits for the store or the scanner.
  ASSAY_INTAKE_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  // A minute: long enough for a restart of whatever was away.
  ASSAY_INTAKE_RETRY_MS: z
    .string()
    .regex(/^\d+(,\d+)*$/)
    .default('1000,2000,4000,8000,15000,30000'),
});

/** @throws ZodError that names each variable that is missing or wrong */
export function parseIntakeConfig(env: Environment): IntakeConfig {
  const value = schema.parse(env);
  return Object.freeze({
    databaseUrl: value.ASSAY_DATABASE_URL_INTAKE_WORKER,
    redisUrl: value.ASSAY_REDIS_URL,
    store: storeOf(value),
    buckets: bucketsOf(value),
    clamd: value.ASSAY_CLAMD,
    listen: { hostname: value.ASSAY_HOST, port: value.ASSAY_PORT },
    concurrency: value.ASSAY_INTAKE_CONCURRENCY,
    retryAfterMs: value.ASSAY_INTAKE_RETRY_MS.split(',').map(Number),
  });
}
