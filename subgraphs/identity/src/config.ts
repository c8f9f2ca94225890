import { z } from 'zod';

const schema = z.object({
  ASSAY_DATABASE_URL_IDENTITY_APP: z.url(),
  ASSAY_REDIS_URL: z.url(),
  ASSAY_PRINCIPAL_KEY_IDENTITY: z.string().min(43),
  ASSAY_KEYRING_KEY: z.string().min(43),
});

/** What the subgraph runs with. */
export type IdentityConfig = ReturnType<typeof parseConfig>;

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  const value = schema.parse(env);
  return Object.freeze({
    databaseUrl: value.ASSAY_DATABASE_URL_IDENTITY_APP,
    redisUrl: value.ASSAY_REDIS_URL,
    principalKey: value.ASSAY_PRINCIPAL_KEY_IDENTITY,
    keyringKey: value.ASSAY_KEYRING_KEY,
  });
}
