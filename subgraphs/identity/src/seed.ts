import { withTenant } from '@assay/database';
import type { Role, Tier } from '@assay/principal';
import { createEmailIndex, normalizeEmail } from './accounts/email.ts';
import { createKeyring } from './accounts/keyring.ts';
import { createPasswordCheck, hashPassword, type PasswordCheck } from './accounts/password.ts';
import { openDatabase, type Transaction } from './adapters/database.ts';

interface DemoTenant {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly tier: Tier;
  readonly entitlements: readonly string[];
}

interface DemoAccount {
  readonly id: string;
  readonly tenantId: string;
  readonly email: string;
  readonly handle: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

/** The demo's tenants; their ids are the same in every installation, since other subgraphs seed what belongs to them. */
export const DEMO_TENANTS = {
  northlight: {
    id: '01977a00-0000-7000-8000-00000000000a',
    slug: 'northlight',
    name: 'Northlight Pictures',
    tier: 'ENTERPRISE',
    entitlements: ['AI'],
  },
  tidepool: {
    id: '01977a00-0000-7000-8000-00000000000b',
    slug: 'tidepool',
    name: 'Tidepool Studio',
    tier: 'STANDARD',
    entitlements: [],
  },
  assay: {
    id: '01977a00-0000-7000-8000-00000000000c',
    slug: 'assay',
    name: 'Assay',
    tier: 'ENTERPRISE',
    entitlements: [],
  },
} as const satisfies Record<string, DemoTenant>;

const { northlight, tidepool, assay } = DEMO_TENANTS;

/** The demo's accounts. The subject that the provider calls them by is their id. */
export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  account(1, northlight, 'author', 'Nora Author', 'author'),
  account(2, northlight, 'reviewer', 'Rune Reviewer', 'reviewer'),
  account(3, northlight, 'admin', 'Ada Admin', 'admin'),
  account(4, tidepool, 'author', 'Tove Author', 'author'),
  account(5, tidepool, 'buyer', 'Bo Buyer', 'buyer'),
  account(6, assay, 'platform', 'Petra Platform', 'platform_admin'),
  account(7, assay, 'security', 'Sol Security', 'security'),
];

function account(n: number, tenant: DemoTenant, name: string, displayName: string, role: Role): DemoAccount {
  return {
    id: `01977a00-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`,
    tenantId: tenant.id,
    email: `${name}@${tenant.slug}.test`,
    handle: `${tenant.slug}-${name}`,
    displayName,
    roles: [role],
  };
}

export interface SeedOptions {
  /** As `identity_system`. */
  readonly databaseUrl: string;
  /** Of the provider that signs the demo accounts in. */
  readonly issuer: string;
  /** Base64url, 32 bytes each. */
  readonly keyringKey: string;
  readonly indexKey: string;
  /** The password of an account, by its e-mail address. */
  passwordOf(email: string): string;
}

/**
 * Makes the demo tenants and accounts what they should be. Idempotent: a second run changes an account's issuer or
 * password where they changed, and nothing else.
 */
export async function seedDemo(options: SeedOptions): Promise<void> {
  await using database = openDatabase(options.databaseUrl, 1);
  const isPassword = await createPasswordCheck();
  const actor = { system: 'system:seed', tenantId: null, requestId: 'seed' } as const;
  await withTenant(database, actor, async (tx) => {
    for (const tenant of Object.values(DEMO_TENANTS)) await seedTenant(tx, tenant);
    for (const demo of DEMO_ACCOUNTS) {
      await seedAccount(tx, demo, options);
      await seedPassword(tx, demo, options.passwordOf(demo.email), isPassword);
    }
  });
}

async function seedTenant(tx: Transaction, { id, slug, name, tier, entitlements }: DemoTenant): Promise<void> {
  await tx.$executeRaw`
    insert into identity.tenant (id, slug, name, tier, entitlements)
    values (${id}::uuid, ${slug}, ${name}, ${tier}, ${[...entitlements]}::text[])
    on conflict (id) do update set tier = excluded.tier, entitlements = excluded.entitlements`;
}

async function seedAccount(tx: Transaction, demo: DemoAccount, options: SeedOptions): Promise<void> {
  const { id, tenantId, handle, email, displayName } = demo;
  const known = await tx.$executeRaw`
    update identity.account set issuer = ${options.issuer}, roles = ${[...demo.roles]}::text[] where id = ${id}::uuid`;
  if (known > 0) return;
  const key = createKeyring(options.keyringKey).create(id);
  const index = createEmailIndex(options.indexKey)(email);
  await tx.$executeRaw`
    insert into identity.account (id, tenant_id, issuer, subject, handle, roles, display_name)
    values (${id}::uuid, ${tenantId}::uuid, ${options.issuer}, ${id}, ${handle}, ${[...demo.roles]}::text[],
      ${key.seal('display_name', displayName)})`;
  await tx.$executeRaw`
    insert into identity.account_key (account_id, tenant_id, wrapped_key)
    values (${id}::uuid, ${tenantId}::uuid, ${key.wrapped})`;
  await tx.$executeRaw`
    insert into identity.account_email (account_id, tenant_id, email, email_index)
    values (${id}::uuid, ${tenantId}::uuid, ${key.seal('email', normalizeEmail(email))}, ${index})`;
}

async function seedPassword(
  tx: Transaction,
  { id, tenantId }: DemoAccount,
  password: string,
  isPassword: PasswordCheck,
): Promise<void> {
  const rows = await tx.$queryRaw<{ password_hash: string }[]>`
    select password_hash from identity.credential where account_id = ${id}::uuid`;
  if (rows[0] && (await isPassword(password, rows[0].password_hash))) return;
  const hash = await hashPassword(password);
  await tx.$executeRaw`
    insert into identity.credential (account_id, tenant_id, password_hash)
    values (${id}::uuid, ${tenantId}::uuid, ${hash})
    on conflict (account_id) do update set password_hash = excluded.password_hash, changed_at = clock_timestamp()`;
}
