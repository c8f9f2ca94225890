import { OWNER } from '@assay/database';
import { DEMO_ACCOUNTS, DEMO_TENANTS, seedDemo } from '@assay/identity/seed';
import { seedPolicies } from '@assay/media/seed';
import type { Step } from './assemble.ts';
import { urlsOf } from './environment.ts';
import type { Ground, Part } from './part.ts';
import { authority } from './parts/authority.ts';
import { clamd } from './parts/clamd.ts';
import { compliance } from './parts/compliance.ts';
import { databaseUrl, prepareDatabase } from './parts/database.ts';
import { edge } from './parts/edge.ts';
import { freshclam, shareSignatures } from './parts/freshclam.ts';
import { gateway, gatewayOfMesh } from './parts/gateway.ts';
import { identity } from './parts/identity.ts';
import { intake } from './parts/intake.ts';
import { janitor } from './parts/janitor.ts';
import { licensing } from './parts/licensing.ts';
import { media } from './parts/media.ts';
import { moderation } from './parts/moderation.ts';
import { oidc } from './parts/oidc.ts';
import { postgres } from './parts/postgres.ts';
import { redemptions } from './parts/redemptions.ts';
import { redis } from './parts/redis.ts';
import { store } from './parts/store.ts';

/** Every part of a whole system, in the order in which they are listed. */
export function systemParts(ground: Ground): readonly Part[] {
  // Whoever runs clamd elsewhere brings its signatures too.
  const scanner = ground.elsewhere.clamd === undefined ? [withSignatures(clamd), freshclam] : [clamd];
  const doors =
    ground.topology === 'mesh' ? [authority, identity, media, licensing, compliance, gatewayOfMesh] : [gateway];
  return [postgres, redis, ...scanner, store, oidc, intake, moderation, janitor, redemptions, edge, ...doors];
}

/** What happens between parts. */
export const SYSTEM_STEPS: readonly Step[] = [
  { name: 'signatures', needs: [], run: shareSignatures },
  {
    name: 'database',
    needs: ['postgres'],
    run: async (ground) => {
      await prepareDatabase(ground);
      await seed(ground);
    },
  },
];

function withSignatures(part: Part): Part {
  return { ...part, needs: [...part.needs, 'signatures'] };
}

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
