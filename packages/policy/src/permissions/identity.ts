import { fields, type PermissionTable } from './permission.ts';

export const identityPermissions: PermissionTable = {
  ...fields('Query', 'storefront:read', 'me'),
  ...fields('Query', 'account:read', 'sessions'),
  // Whatever speaks against a session, its owner may end it.
  ...fields('Mutation', 'account:read', 'revokeSession'),
  ...fields('User', 'storefront:read', 'id displayName handle email roles tenant'),
  ...fields('Tenant', 'storefront:read', 'id slug name tier'),
  ...fields('Session', 'account:read', 'id current userAgent address createdAt lastSeenAt expiresAt endedAt'),
  ...fields('RevokeSessionPayload', 'account:read', 'session'),
};
