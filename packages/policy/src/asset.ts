import type { Principal } from '@assay/principal';
import { ALLOWED, type Decision, denied } from './decision.ts';

/** What the rules look at in an asset. */
export interface AssetFacts {
  readonly ownerId: string;
  readonly tenantId: string;
  readonly state: string;
  readonly visibility: 'PRIVATE' | 'TENANT' | 'MARKETPLACE';
}

const TENANT_READERS = ['buyer', 'author', 'reviewer', 'admin'];

/** Whether the principal may know that the asset exists. What is not READY is seen as PRIVATE. */
export function canReadAsset(principal: Principal, asset: AssetFacts): boolean {
  if (asset.state === 'READY' && asset.visibility === 'MARKETPLACE') return true;
  if (asset.state === 'READY' && asset.visibility === 'TENANT' && isOfTenant(principal, asset)) {
    return principal.roles.some((role) => TENANT_READERS.includes(role));
  }
  return canReadAssetRecord(principal, asset);
}

/** Whether the principal may read evidence, decision and events: the owner, the tenant's admin, and a moderator while quarantined. */
export function canReadAssetRecord(principal: Principal, asset: AssetFacts): boolean {
  if (isOwner(principal, asset)) return true;
  if (isOfTenant(principal, asset) && principal.roles.includes('admin')) return true;
  return asset.state === 'QUARANTINED' && principal.roles.includes('platform_admin');
}

/**
 * Whether the principal may publish, delete or license the asset: its owner, or its tenant's admin.
 * What one may not know of is NOT_FOUND, what one knows but may not touch FORBIDDEN.
 */
export function canActOnAsset(principal: Principal, asset: AssetFacts | null): Decision {
  if (asset === null || !canReadAsset(principal, asset)) return denied('NOT_FOUND', 'There is no such asset.');
  if (isOwner(principal, asset) && principal.roles.some((role) => role === 'author' || role === 'reviewer'))
    return ALLOWED;
  if (isOfTenant(principal, asset) && principal.roles.includes('admin')) return ALLOWED;
  return denied('FORBIDDEN', "Only the asset's owner or an admin of its tenant may do this.");
}

function isOwner(principal: Principal, asset: AssetFacts): boolean {
  return principal.subject !== null && principal.subject === asset.ownerId && isOfTenant(principal, asset);
}

function isOfTenant(principal: Principal, asset: AssetFacts): boolean {
  return principal.tenantId !== null && principal.tenantId === asset.tenantId;
}
