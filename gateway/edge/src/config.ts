import { z } from 'zod';

/** What the edge runs with; it holds the seal's key and its own store key, and nothing that could make a grant's contents up. */
export interface EdgeConfig {
  /** `metricsPort` is on loopback, whatever the edge’s own host is. */
  readonly listen: { readonly hostname: string; readonly port: number; readonly metricsPort: number };
  readonly redis: { readonly url: string };
  readonly store: {
    readonly url: string;
    readonly region: string;
    readonly key: string;
    readonly secret: string;
    readonly bucket: string;
  };
  readonly keys: { readonly grantSeal: string; readonly preview: string };
  readonly limits: { readonly requestsPerSecond: number };
}

const schema = z.object({
  ASSAY_HOST: z.string().default('127.0.0.1'),
  ASSAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4001),
  ASSAY_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9465),
  ASSAY_REDIS_URL: z.url(),
  ASSAY_STORE_URL: z.url(),
  ASSAY_STORE_KEY: z.string().min(1),
  ASSAY_STORE_SECRET: z.string().min(1),
  ASSAY_STORE_REGION: z.string().default('us-east-1'),
  ASSAY_BUCKET_MEDIA: z.string().default('assay-media'),
  ASSAY_GRANT_SEAL_KEY: z.string().min(43),
  ASSAY_PREVIEW_KEY: z.string().min(43),
  // Above the 500 a second that every address is promised.
  ASSAY_EDGE_REQUESTS_PER_SECOND: z.coerce.number().positive().default(600),
});

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): EdgeConfig {
  const value = schema.parse(env);
  return Object.freeze({
    listen: { hostname: value.ASSAY_HOST, port: value.ASSAY_PORT, metricsPort: value.ASSAY_METRICS_PORT },
    redis: { url: value.ASSAY_REDIS_URL },
    store: {
      url: value.ASSAY_STORE_URL,
      region: value.ASSAY_STORE_REGION,
      key: value.ASSAY_STORE_KEY,
      secret: value.ASSAY_STORE_SECRET,
      bucket: value.ASSAY_BUCKET_MEDIA,
    },
    keys: { grantSeal: value.ASSAY_GRANT_SEAL_KEY, preview: value.ASSAY_PREVIEW_KEY },
    limits: { requestsPerSecond: value.ASSAY_EDGE_REQUESTS_PER_SECOND },
  });
}
