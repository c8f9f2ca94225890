import type { MediaTx } from '../assets/transaction.ts';
import type { IntakePolicy } from '../intake/ports.ts';
import { findTenantPolicy } from '../policy/find-policy.ts';
import { intakePolicyOf } from '../policy/tenant-policy.ts';

/** The newest version of a tenant's policy, as the pipeline needs it. */
export async function findIntakePolicy(tx: MediaTx, tenantId: string): Promise<IntakePolicy> {
  const { version, settings } = await findTenantPolicy(tx, tenantId);
  return intakePolicyOf(version, settings);
}
