import { z } from 'zod';
import type { StoreConfig } from './adapters/s3-client.ts';
import type { BucketNames } from './adapters/s3-vault.ts';

/** What the subgraph runs with. */
export interface MediaConfig {
  readonly databases: { readonly app: string; readonly moderator: string };
  readonly redisUrl: string;
  readonly store: StoreConfig;
  readonly buckets: { readonly incoming: string };
  readonly principalKey: string;
  readonly previewKey: string;
  readonly urls: { readonly edge: string; readonly gateway: string };
}

export type Environment = Readonly<Record<string, string | undefined>>;

const base64Key = z.string().min(43);

export const storeShape = {
  ASSAY_STORE_URL: z.url(),
  ASSAY_STORE_KEY: z.string().min(1),
  ASSAY_STORE_SECRET: z.string().min(1),
  ASSAY_STORE_REGION: z.string().default('us-east-1'),
  ASSAY_BUCKET_INCOMING: z.string().default('assay-incoming'),
  ASSAY_BUCKET_MEDIA: z.string().default('assay-media'),
  ASSAY_BUCKET_QUARANTINE: z.string().default('assay-quarantine'),
};

const schema = z.object({
  ...storeShape,
  ASSAY_DATABASE_URL_MEDIA_APP: z.url(),
  ASSAY_DATABASE_URL_MEDIA_MODERATOR: z.url(),
  ASSAY_REDIS_URL: z.url(),
  ASSAY_PRINCIPAL_KEY_MEDIA: base64Key,
  ASSAY_PREVIEW_KEY: base64Key,
  ASSAY_EDGE_URL: z.url().default('http://127.0.0.1:4001'),
  ASSAY_PUBLIC_URL: z.url().default('http://localhost:4000'),
});

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Environment): MediaConfig {
  const value = schema.parse(env);
  return Object.freeze({
    databases: { app: value.ASSAY_DATABASE_URL_MEDIA_APP, moderator: value.ASSAY_DATABASE_URL_MEDIA_MODERATOR },
    redisUrl: value.ASSAY_REDIS_URL,
    store: storeOf(value),
    buckets: { incoming: value.ASSAY_BUCKET_INCOMING },
    principalKey: value.ASSAY_PRINCIPAL_KEY_MEDIA,
    previewKey: value.ASSAY_PREVIEW_KEY,
    urls: { edge: value.ASSAY_EDGE_URL.replace(/\/$/, ''), gateway: value.ASSAY_PUBLIC_URL.replace(/\/$/, '') },
  });
}

/** The store's part of an environment that `storeShape` parsed. */
export function storeOf(value: {
  readonly ASSAY_STORE_URL: string;
  readonly ASSAY_STORE_KEY: string;
  readonly ASSAY_STORE_SECRET: string;
  readonly ASSAY_STORE_REGION: string;
}): StoreConfig {
  return {
    url: value.ASSAY_STORE_URL,
    region: value.ASSAY_STORE_REGION,
    key: value.ASSAY_STORE_KEY,
    secret: value.ASSAY_STORE_SECRET,
  };
}

/** The buckets' names of an environment that `storeShape` parsed. */
export function bucketsOf(value: {
  readonly ASSAY_BUCKET_INCOMING: string;
  readonly ASSAY_BUCKET_MEDIA: string;
  readonly ASSAY_BUCKET_QUARANTINE: string;
}): BucketNames {
  return {
    INCOMING: value.ASSAY_BUCKET_INCOMING,
    MEDIA: value.ASSAY_BUCKET_MEDIA,
    QUARANTINE: value.ASSAY_BUCKET_QUARANTINE,
  };
}
