import type { Principal, Role } from '@assay/principal';
import { ALLOWED, type Decision, denied } from './decision.ts';

/** What an operation asks for. Everybody has `storefront:read`, also a visitor who is not signed in. */
export type Scope =
  | 'storefront:read'
  | 'account:read'
  | 'media:upload'
  | 'media:publish'
  | 'media:delete'
  | 'media:ai:generate'
  | 'media:admin'
  | 'license:issue'
  | 'download:create'
  | 'access:request'
  | 'access:list'
  | 'access:approve'
  | 'access:revoke'
  | 'audit:read'
  /** How one's own operations are run: which subgraphs are asked what, and how long each takes. */
  | 'plan:read';

const EVERYBODY: readonly Scope[] = ['storefront:read'];
const SIGNED_IN: readonly Scope[] = ['account:read'];

const MAKER: readonly Scope[] = ['media:upload', 'media:publish', 'media:delete', 'license:issue', 'download:create'];

const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  buyer: ['download:create'],
  author: MAKER,
  reviewer: MAKER,
  admin: ['media:publish', 'media:delete', 'license:issue', 'download:create', 'plan:read'],
  platform_admin: ['media:admin', 'access:list', 'access:approve', 'access:revoke', 'plan:read'],
  security: ['access:request', 'access:list', 'access:revoke', 'audit:read'],
};

/**
 * The scopes of somebody who is signed in with these roles and entitlements.
 * `media:ai:generate` takes both: the role author and the tenant's AI entitlement.
 */
export function scopesOf(roles: readonly Role[], entitlements: readonly string[]): readonly Scope[] {
  const scopes = new Set<Scope>([...EVERYBODY, ...SIGNED_IN, ...roles.flatMap((role) => SCOPES_OF_ROLE[role])]);
  if (roles.includes('author') && entitlements.includes('AI')) scopes.add('media:ai:generate');
  return [...scopes].sort();
}

/** Whether everybody has a scope, also a visitor who is not signed in. */
export function isForEverybody(scope: Scope): boolean {
  return EVERYBODY.includes(scope);
}

/** Whether the principal may use an operation or field that asks for `scope`; which rows it then meets is another fence's matter. */
export function canUse(principal: Principal, scope: Scope): Decision {
  if (principal.scopes.includes(scope)) return ALLOWED;
  if (principal.subject === null) return denied('UNAUTHENTICATED', 'Sign in to do this.');
  return denied('FORBIDDEN', `Your roles do not include what this needs (${scope}).`);
}
