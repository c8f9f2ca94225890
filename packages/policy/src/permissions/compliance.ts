import { fields, mutations, type PermissionTable } from './permission.ts';

export const compliancePermissions: PermissionTable = {
  ...fields('Query', 'audit:read', 'auditEntries'),
  ...fields('Query', 'access:list', 'privilegedAccessRequests'),
  ...mutations('access:request', 'requestPrivilegedAccess'),
  ...mutations('access:approve', 'approvePrivilegedAccess'),
  ...mutations('access:revoke', 'revokePrivilegedAccess'),
  ...fields('AuditEntryConnection', 'audit:read', 'edges pageInfo'),
  ...fields('AuditEntryEdge', 'audit:read', 'node cursor'),
  ...fields('AuditEntry', 'audit:read', 'id at actor action subject tenantId outcome address requestId'),
  ...fields('PrivilegedAccessRequestConnection', 'access:list', 'edges pageInfo'),
  ...fields('PrivilegedAccessRequestEdge', 'access:list', 'node cursor'),
  ...fields('PrivilegedAccessRequest', 'access:list', 'id scope requester reason state minutes expiresAt createdAt'),
  ...fields('PrivilegedAccessPayload', 'access:list', 'request'),
};
