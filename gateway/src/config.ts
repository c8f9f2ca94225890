import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

const key = z.string().min(43);

const schema = z.object({
  ASSAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  ASSAY_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9464),
  ASSAY_PUBLIC_URL: z.url().default('http://localhost:4000'),
  ASSAY_EDGE_URL: z.url().default('http://127.0.0.1:4001'),
  ASSAY_STORE_URL: z.url().default('http://127.0.0.1:4002'),
  ASSAY_WORKER_URL: z.url().default('http://127.0.0.1:4010'),
  ASSAY_MODERATION_URL: z.url().default('http://127.0.0.1:4011'),
  ASSAY_REDIS_URL: z.url(),
  ASSAY_DATABASE_URL_IDENTITY_APP: z.url(),
  ASSAY_DATABASE_URL_COMPLIANCE_APP: z.url(),
  ASSAY_DATABASE_URL_AUDIT_READER: z.url(),
  ASSAY_PRINCIPAL_KEY_IDENTITY: key,
  ASSAY_PRINCIPAL_KEY_MEDIA: key,
  ASSAY_PRINCIPAL_KEY_LICENSING: key,
  ASSAY_PRINCIPAL_KEY_COMPLIANCE: key,
  ASSAY_PRINCIPAL_KEY_MODERATION: key,
  ASSAY_KEYRING_KEY: key,
  ASSAY_SESSION_KEY: key,
  ASSAY_OIDC_ISSUER: z.url(),
  ASSAY_OIDC_CLIENT_ID: z.string().default('console'),
  ASSAY_OIDC_CLIENT_SECRET: z.string().min(32),
  ASSAY_OIDC_AUDIENCE: z.string().default('assay'),
  /** Further origins whose pages may use the session cookie, with commas between them. */
  ASSAY_ORIGINS: z.string().default(''),
  ASSAY_CONSOLE_DIST: z.string().optional(),
});

/** What the gateway runs with, by concern. */
export type GatewayConfig = ReturnType<typeof parseConfig>;

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Environment) {
  const value = schema.parse(env);
  return Object.freeze({
    listen: { port: value.ASSAY_PORT, metricsPort: value.ASSAY_METRICS_PORT },
    urls: {
      public: value.ASSAY_PUBLIC_URL,
      edge: new URL(value.ASSAY_EDGE_URL).origin,
      store: new URL(value.ASSAY_STORE_URL).origin,
      worker: value.ASSAY_WORKER_URL,
      moderation: value.ASSAY_MODERATION_URL,
    },
    redisUrl: value.ASSAY_REDIS_URL,
    databases: {
      identity: value.ASSAY_DATABASE_URL_IDENTITY_APP,
      compliance: value.ASSAY_DATABASE_URL_COMPLIANCE_APP,
      trail: value.ASSAY_DATABASE_URL_AUDIT_READER,
    },
    principalKeys: {
      identity: value.ASSAY_PRINCIPAL_KEY_IDENTITY,
      media: value.ASSAY_PRINCIPAL_KEY_MEDIA,
      licensing: value.ASSAY_PRINCIPAL_KEY_LICENSING,
      compliance: value.ASSAY_PRINCIPAL_KEY_COMPLIANCE,
      moderation: value.ASSAY_PRINCIPAL_KEY_MODERATION,
    },
    keyringKey: value.ASSAY_KEYRING_KEY,
    access: {
      issuer: value.ASSAY_OIDC_ISSUER.replace(/\/$/, ''),
      audience: value.ASSAY_OIDC_AUDIENCE,
      clientId: value.ASSAY_OIDC_CLIENT_ID,
      clientSecret: value.ASSAY_OIDC_CLIENT_SECRET,
      publicUrl: value.ASSAY_PUBLIC_URL,
      origins: value.ASSAY_ORIGINS.split(',').filter(Boolean),
      sessionKey: value.ASSAY_SESSION_KEY,
    },
    consoleDist: value.ASSAY_CONSOLE_DIST,
  });
}
