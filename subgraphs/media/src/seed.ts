import { Client } from 'pg';
import { DEFAULT_POLICY, PHOTOGRAPHS_ONLY } from './policy/tenant-policy.ts';

/** Tenants by the policy that each is to have. */
export interface PolicySeed {
  readonly tenantId: string;
  readonly policy: 'default' | 'photographs-only';
}

/**
 * Gives tenants their policies. A policy that is so already stays, another gets a new version.
 *
 * @param ownerUrl of the database, as `assay_owner`
 */
export async function seedPolicies(ownerUrl: string, seeds: readonly PolicySeed[]): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const { tenantId, policy } of seeds) {
      const settings = policy === 'default' ? DEFAULT_POLICY : PHOTOGRAPHS_ONLY;
      await client.query('begin');
      await client.query(
        `select set_config('assay.actor', 'system:seed', true), set_config('assay.tenant', $1, true)`,
        [tenantId],
      );
      await client.query('select media.set_tenant_policy($1, $2)', [tenantId, JSON.stringify(settings)]);
      await client.query('commit');
    }
  } finally {
    await client.end();
  }
}
