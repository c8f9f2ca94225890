import { z } from 'zod';

const environment = z.object({
  ASSAY_DATABASE_URL_AUDIT_WRITER: z.url(),
  ASSAY_REDIS_URL: z.url(),
});

/** What the drain is told. The only place of this subgraph that looks at the environment. @throws when something is missing */
export function readDrainConfig() {
  const parsed = environment.parse(process.env);
  return Object.freeze({ databaseUrl: parsed.ASSAY_DATABASE_URL_AUDIT_WRITER, redisUrl: parsed.ASSAY_REDIS_URL });
}
