import { z } from 'zod';

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** Plain http only where nobody else can listen. */
const issuerUrl = z.url().refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOOPBACK.test(hostname);
}, 'An issuer with plain http is on loopback.');

const schema = z
  .object({
    ASSAY_STATE_DIR: z.string().min(1),
    ASSAY_DATABASE_URL_IDENTITY_PROVIDER: z.string().min(1),
    ASSAY_REDIS_URL: z.string().min(1),
    ASSAY_INDEX_KEY: z.string().min(43),
    ASSAY_OIDC_ISSUER: issuerUrl,
    ASSAY_OIDC_CLIENT_ID: z.string().min(1).default('console'),
    ASSAY_OIDC_CLIENT_SECRET: z.string().min(32),
    ASSAY_OIDC_AUDIENCE: z.string().min(1).default('assay'),
    ASSAY_PUBLIC_URL: z.url().default('http://localhost:4000'),
  })
  .transform((env) =>
    Object.freeze({
      stateDir: env.ASSAY_STATE_DIR,
      databaseUrl: env.ASSAY_DATABASE_URL_IDENTITY_PROVIDER,
      redisUrl: env.ASSAY_REDIS_URL,
      indexKey: env.ASSAY_INDEX_KEY,
      issuer: env.ASSAY_OIDC_ISSUER.replace(/\/$/, ''),
      client: Object.freeze({ clientId: env.ASSAY_OIDC_CLIENT_ID, clientSecret: env.ASSAY_OIDC_CLIENT_SECRET }),
      audience: env.ASSAY_OIDC_AUDIENCE,
      consoleUrl: env.ASSAY_PUBLIC_URL,
    }),
  );

export type ProviderConfig = z.output<typeof schema>;

/** @throws ZodError that names what is missing or wrong */
export function parseProviderConfig(env: Readonly<Record<string, string | undefined>>): ProviderConfig {
  return schema.parse(env);
}
