import { z } from 'zod';
import type { StoreConfig } from '../adapters/s3-client.ts';
import type { BucketNames } from '../adapters/s3-vault.ts';
import { bucketsOf, type Environment, storeOf, storeShape } from '../config.ts';

/** What the moderation process runs with: the only key that reads the quarantine besides intake's. */
export interface ModerationConfig {
  readonly databaseUrl: string;
  readonly store: StoreConfig;
  readonly buckets: BucketNames;
  readonly principalKey: string;
  readonly listen: { readonly hostname: string; readonly port: number };
}

const schema = z.object({
  ...storeShape,
  ASSAY_DATABASE_URL_MEDIA_MODERATOR: z.url(),
  ASSAY_PRINCIPAL_KEY_MODERATION: z.string().min(43),
  ASSAY_HOST: z.string().default('127.0.0.1'),
  ASSAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4011),
});

/** @throws ZodError that names each variable that is missing or wrong */
export function parseModerationConfig(env: Environment): ModerationConfig {
  const value = schema.parse(env);
  return Object.freeze({
    databaseUrl: value.ASSAY_DATABASE_URL_MEDIA_MODERATOR,
    store: storeOf(value),
    buckets: bucketsOf(value),
    principalKey: value.ASSAY_PRINCIPAL_KEY_MODERATION,
    listen: { hostname: value.ASSAY_HOST, port: value.ASSAY_PORT },
  });
}
