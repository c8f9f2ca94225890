import { z } from 'zod';

const environment = z.object({
  ASSAY_DATABASE_URL_AUDIT_WRITER: z.url(),
  ASSAY_REDIS_URL: z.url(),
});

/** The one place that reads the environment. */
export function readEnv(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** What the drain is told. @throws ZodError that names each variable that is missing or wrong */
export function parseDrainConfig(env: ReturnType<typeof readEnv>) {
  const parsed = environment.parse(env);
  return Object.freeze({ databaseUrl: parsed.ASSAY_DATABASE_URL_AUDIT_WRITER, redisUrl: parsed.ASSAY_REDIS_URL });
}
