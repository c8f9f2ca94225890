import { ALLOWED, canReadAsset, type Decision, denied } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { DirectoryEntry } from '../downloads/asset-directory.ts';

/** States in which nobody downloads an asset, whatever he holds. */
const CLOSED = ['QUARANTINED', 'REJECTED'];
const NOT_FOUND = denied('NOT_FOUND', 'There is no such asset, or this key does not open it.');

/** Whether the owner may download what is his own: READY, and no key asked. */
export function canDownloadOwn(principal: Principal, asset: DirectoryEntry | null): Decision {
  if (!asset || !canReadAsset(principal, asset)) return NOT_FOUND;
  const isMaker = principal.roles.includes('author') || principal.roles.includes('reviewer');
  if (asset.ownerId !== principal.subject || asset.tenantId !== principal.tenantId || !isMaker) {
    return denied('FORBIDDEN', 'Only the owner downloads without a licence key.');
  }
  return asset.state === 'READY' ? ALLOWED : denied('INVALID_STATE', 'Only a READY asset is downloaded.');
}

/** Whether an asset whose licence fits is delivered: READY, or deleted while the licence runs. */
export function canDeliverLicensed(asset: DirectoryEntry | null): Decision {
  if (!asset) return NOT_FOUND;
  if (CLOSED.includes(asset.state)) return denied('INVALID_STATE', 'This asset is withheld. Nobody downloads it.');
  return asset.state === 'READY' || asset.state === 'DELETED'
    ? ALLOWED
    : denied('INVALID_STATE', 'Only a READY asset is downloaded.');
}
