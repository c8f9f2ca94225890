import { z } from 'zod';

const schema = z.object({
  ASSAY_DATABASE_URL_COMPLIANCE_APP: z.url(),
  ASSAY_DATABASE_URL_AUDIT_READER: z.url(),
  ASSAY_PRINCIPAL_KEY_COMPLIANCE: z.string().min(43),
});

/** What the subgraph runs with. */
export type ComplianceConfig = ReturnType<typeof parseConfig>;

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Readonly<Record<string, string | undefined>>) {
  const value = schema.parse(env);
  return Object.freeze({
    databases: { requests: value.ASSAY_DATABASE_URL_COMPLIANCE_APP, trail: value.ASSAY_DATABASE_URL_AUDIT_READER },
    principalKey: value.ASSAY_PRINCIPAL_KEY_COMPLIANCE,
  });
}
