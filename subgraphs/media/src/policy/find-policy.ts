import type { MediaTx } from '../assets/transaction.ts';
import { DEFAULT_POLICY, parseTenantPolicy, type TenantPolicySettings } from './tenant-policy.ts';

/** The newest version of a tenant's policy, or version 0, the default. */
export async function findTenantPolicy(
  tx: MediaTx,
  tenantId: string,
): Promise<{ readonly version: number; readonly settings: TenantPolicySettings }> {
  const row = await tx.tenantPolicy.findFirst({ where: { tenantId }, orderBy: { version: 'desc' } });
  return row
    ? { version: row.version, settings: parseTenantPolicy(row.settings) }
    : { version: 0, settings: DEFAULT_POLICY };
}
