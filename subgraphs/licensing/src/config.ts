import { z } from 'zod';

const schema = z.object({
  ASSAY_DATABASE_URL_LICENSING_APP: z.url(),
  ASSAY_REDIS_URL: z.url(),
  ASSAY_PRINCIPAL_KEY_LICENSING: z.string().min(43),
  ASSAY_GRANT_SEAL_KEY: z.string().min(43),
  ASSAY_LICENSE_KEY_PEPPER: z.string().min(43),
  ASSAY_EDGE_URL: z.url().default('http://127.0.0.1:4001'),
});

/** What the subgraph runs with. */
export type LicensingConfig = ReturnType<typeof parseConfig>;

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  const value = schema.parse(env);
  return Object.freeze({
    databaseUrl: value.ASSAY_DATABASE_URL_LICENSING_APP,
    redisUrl: value.ASSAY_REDIS_URL,
    principalKey: value.ASSAY_PRINCIPAL_KEY_LICENSING,
    grantSealKey: value.ASSAY_GRANT_SEAL_KEY,
    licenseKeyPepper: value.ASSAY_LICENSE_KEY_PEPPER,
    edgeUrl: value.ASSAY_EDGE_URL.replace(/\/$/, ''),
  });
}
