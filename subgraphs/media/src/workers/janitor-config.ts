import { z } from 'zod';
import type { StoreConfig } from '../adapters/s3-client.ts';
import type { BucketNames } from '../adapters/s3-vault.ts';
import { bucketsOf, type Environment, storeOf, storeShape } from '../config.ts';
import type { JanitorRules } from '../janitor/ports.ts';

/** What the janitor runs with. */
export interface JanitorConfig {
  readonly databaseUrl: string;
  readonly store: StoreConfig;
  readonly buckets: BucketNames;
  readonly rules: JanitorRules;
  readonly intervalMs: number;
  /** One round, and then the end. */
  readonly isOnce: boolean;
  /** Where the metrics are served; null for nowhere. */
  readonly metrics: { readonly hostname: string; readonly port: number } | null;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const ms = z.coerce.number().int().min(0);

const schema = z.object({
  ...storeShape,
  ASSAY_DATABASE_URL_JANITOR: z.url(),
  ASSAY_HOST: z.string().default('127.0.0.1'),
  ASSAY_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  ASSAY_JANITOR_INTERVAL_MS: ms.default(60_000),
  ASSAY_JANITOR_EXPIRE_MS: ms.default(60_000),
  ASSAY_JANITOR_GRACE_MS: ms.default(600_000),
  ASSAY_JANITOR_REJECTED_DAYS: z.coerce.number().min(0).default(30),
  ASSAY_JANITOR_DRY_RUN: z.enum(['0', '1']).default('0'),
});

/**
 * @param args `--dry-run` says what would be done, `--once` ends after one round
 * @throws ZodError that names each variable that is missing or wrong
 */
export function parseJanitorConfig(env: Environment, args: readonly string[]): JanitorConfig {
  const value = schema.parse(env);
  return Object.freeze({
    databaseUrl: value.ASSAY_DATABASE_URL_JANITOR,
    store: storeOf(value),
    buckets: bucketsOf(value),
    rules: {
      expireAfterMs: value.ASSAY_JANITOR_EXPIRE_MS,
      graceMs: value.ASSAY_JANITOR_GRACE_MS,
      keepRejectedMs: value.ASSAY_JANITOR_REJECTED_DAYS * DAY_MS,
      isDryRun: value.ASSAY_JANITOR_DRY_RUN === '1' || args.includes('--dry-run'),
    },
    intervalMs: value.ASSAY_JANITOR_INTERVAL_MS,
    isOnce: args.includes('--once'),
    metrics:
      value.ASSAY_METRICS_PORT === undefined ? null : { hostname: value.ASSAY_HOST, port: value.ASSAY_METRICS_PORT },
  });
}
