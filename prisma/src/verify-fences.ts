import { failure } from '@assay/failure';
import { Client } from 'pg';

const SCHEMAS = ['identity', 'media', 'licensing', 'compliance'];

/**
 * Refuses a start when row level security could not hold: the role may bypass it, could become somebody who may,
 * owns a table, or a table of the four schemas is without forced row security.
 *
 * @param url as the runtime role
 * @throws Failure INTERNAL that names the role or the tables
 */
export async function verifyFences(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await verifyRole(client);
    await verifyTables(client);
  } finally {
    await client.end();
  }
}

async function verifyRole(client: Client): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>(`
    select rolname from pg_roles
    where (rolsuper or rolbypassrls or rolcreaterole) and pg_has_role(current_user, oid, 'member')`);
  if (rows.length > 0)
    throw refuse(
      `The database role could act as ${rows.map((row) => row.rolname).join(', ')}, which bypasses row security.`,
    );
  const owned = await client.query<{ table: string }>(
    `
    select c.oid::regclass::text as table from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = any ($1) and pg_has_role(current_user, c.relowner, 'member')`,
    [SCHEMAS],
  );
  if (owned.rows.length > 0)
    throw refuse(
      `The database role owns ${owned.rows.map((row) => row.table).join(', ')}; a runtime role owns nothing.`,
    );
}

async function verifyTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    `
    select c.oid::regclass::text as table from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = any ($1)
      and not (c.relrowsecurity and c.relforcerowsecurity)`,
    [SCHEMAS],
  );
  if (rows.length > 0)
    throw refuse(`These tables lack forced row security: ${rows.map((row) => row.table).join(', ')}.`);
}

function refuse(message: string) {
  return failure('INTERNAL', `${message} Nothing was started.`);
}
