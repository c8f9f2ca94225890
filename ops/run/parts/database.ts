import { createRoles, LOGIN_ROLES, type LoginRole, OWNER, type RolePasswords } from '@assay/database';
import { migrate } from '@assay/database/migrate';
import type { Ground } from '../part.ts';
import { adminUrl } from './postgres.ts';

/** Roles and migrations, before any part that reads a row starts. @returns the migrations applied now */
export async function prepareDatabase(ground: Ground, database = 'assay'): Promise<readonly string[]> {
  const passwords = Object.fromEntries(
    LOGIN_ROLES.map((role) => [role, ground.secrets(`database-${role}`)]),
  ) as RolePasswords;
  await createRoles(adminUrl(ground), passwords, database);
  return migrate(databaseUrl(ground, OWNER, database));
}

/** The URL of one role's own login. */
export function databaseUrl(ground: Ground, role: LoginRole, database = 'assay'): string {
  const url = new URL(adminUrl(ground));
  url.username = role;
  url.password = ground.secrets(`database-${role}`);
  url.pathname = `/${database}`;
  return url.href;
}
