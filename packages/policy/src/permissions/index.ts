import { compliancePermissions } from './compliance.ts';
import { identityPermissions } from './identity.ts';
import { licensingPermissions } from './licensing.ts';
import { mediaPermissions } from './media.ts';
import type { PermissionTable } from './permission.ts';

export type { Permission, PermissionTable } from './permission.ts';

/**
 * The one permission table: every field of the public schema, `Type.field`, and the scope it asks for.
 * The gateway's fence, the subgraphs' fence and the test matrix are made from it; a field without an entry stops the start.
 */
export const permissions: PermissionTable = Object.freeze({
  ...identityPermissions,
  ...mediaPermissions,
  ...licensingPermissions,
  ...compliancePermissions,
});
