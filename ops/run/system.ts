import { OWNER } from '@assay/database';
import { DEMO_ACCOUNTS, DEMO_TENANTS, seedDemo } from '@assay/identity/seed';
import { seedPolicies } from '@assay/media/seed';
import type { Step } from './assemble.ts';
import { urlsOf } from './environment.ts';
import type { Ground, Part } from './part.ts';
import { clamd } from './parts/clamd.ts';
import { databaseUrl, prepareDatabase } from './parts/database.ts';
import { postgres } from './parts/postgres.ts';
import { OWN_PARTS } from './parts/processes.ts';
import { redis } from './parts/redis.ts';
import { store } from './parts/store.ts';

/** Every part of a whole system. What reads rows waits for the database to be prepared. */
export const SYSTEM_PARTS: readonly Part[] = [
  postgres,
  redis,
  clamd,
  store,
  ...OWN_PARTS.map((part) =>
    part.needs.includes('postgres') ? { ...part, needs: [...part.needs, 'database'] } : part,
  ),
];

/** Roles, migrations and the demo's tenants and accounts. */
export const SYSTEM_STEPS: readonly Step[] = [
  {
    name: 'database',
    needs: ['postgres'],
    run: async (ground) => {
      await prepareDatabase(ground);
      await seed(ground);
    },
  },
];

/** The password of a demo account; made at the first start, kept with the secrets. */
export function passwordOf(ground: Ground, email: string): string {
  return ground.secrets(`password-${email}`);
}

/** Every demo account. */
export const DEMO_EMAILS: readonly string[] = DEMO_ACCOUNTS.map(({ email }) => email);

async function seed(ground: Ground): Promise<void> {
  await seedDemo({
    databaseUrl: databaseUrl(ground, 'identity_system'),
    issuer: urlsOf(ground).issuer,
    keyringKey: ground.secrets('keyring-key'),
    indexKey: ground.secrets('index-key'),
    passwordOf: (email) => passwordOf(ground, email),
  });
  await seedPolicies(databaseUrl(ground, OWNER), [
    { tenantId: DEMO_TENANTS.northlight.id, policy: 'default' },
    { tenantId: DEMO_TENANTS.tidepool.id, policy: 'photographs-only' },
    { tenantId: DEMO_TENANTS.assay.id, policy: 'default' },
  ]);
}
