import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** Owns schemas and tables, runs the migrations, and is never used by a running part. */
export const OWNER = 'assay_owner';

/** A role for each process (or pool of one): they log in, own nothing, bypass nothing, inherit nothing. */
export const RUNTIME_ROLES = [
  'identity_app',
  'identity_provider',
  'identity_system',
  'media_app',
  'media_moderator',
  'intake_worker',
  'janitor',
  'licensing_app',
  'compliance_app',
  'audit_reader',
  'audit_writer',
] as const;

/** Roles that cannot log in: each owns one view or a few definer functions, so that its own policies are the ones meant. */
export const DEFINER_ROLES = [
  'identity_directory',
  'identity_accounts',
  'media_storefront',
  'media_licensed',
  'media_directory',
  'media_verdict',
  'media_jobs',
  'licensing_lookup',
  'compliance_recorder',
  'compliance_access',
] as const;

export type RuntimeRole = (typeof RUNTIME_ROLES)[number];
export type LoginRole = RuntimeRole | typeof OWNER;
export type RolePasswords = Readonly<Record<LoginRole, string>>;

/** The roles that log in, the owner first: what a password is needed for. */
export const LOGIN_ROLES: readonly LoginRole[] = [OWNER, ...RUNTIME_ROLES];

/**
 * Creates the database and every role, or brings them to what this list says. Idempotent; needs a superuser
 * (or a role with CREATEROLE and CREATEDB).
 *
 * @param adminUrl of any database of the server, as an administrator
 * @param passwords one for each role that logs in
 * @param database the name of the database to own, `assay` unless told
 */
export async function createRoles(adminUrl: string, passwords: RolePasswords, database = 'assay'): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtext('assay roles'))`);
    for (const role of LOGIN_ROLES) await ensureRole(client, role, passwords[role]);
    for (const role of DEFINER_ROLES) await ensureRole(client, role, undefined);
    // The owner may hand a function to a definer role, and has none of that role's rights by itself.
    for (const role of DEFINER_ROLES) await client.query(`grant ${role} to ${OWNER} with inherit false, set true`);
    await ensureDatabase(client, database);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: Client, role: string, password: string | undefined): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  const attributes = 'nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls';
  const login = password === undefined ? 'nologin' : `login password ${escapeLiteral(password)}`;
  await client.query(`${rowCount ? 'alter' : 'create'} role ${role} ${login} ${attributes}`);
}

async function ensureDatabase(client: Client, database: string): Promise<void> {
  const name = escapeIdentifier(database);
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (!rowCount) await client.query(`create database ${name} owner ${OWNER}`);
  await client.query(`revoke all on database ${name} from public`);
  await client.query(`grant connect on database ${name} to ${RUNTIME_ROLES.join(', ')}`);
}
