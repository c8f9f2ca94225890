import { type TransactionHost, withTenant } from '@assay/database';
import type { Principal } from '@assay/principal';
import { isAssetId } from '../assets/asset-record.ts';
import type { MediaTx } from '../assets/transaction.ts';
import { audit } from '../assets/write.ts';
import type { ObjectVersion } from '../vault/vault.ts';

/**
 * Where the blurred preview of a quarantined asset lies; each time it is looked for and found, the audit trail says who looked.
 *
 * @param database as media_moderator
 * @returns null when the asset is not in quarantine, has no such preview, or the caller does not moderate
 */
export async function findModerationPreview(
  assetId: string,
  principal: Principal,
  database: TransactionHost<MediaTx>,
): Promise<ObjectVersion | null> {
  if (!isAssetId(assetId) || !principal.roles.includes('platform_admin')) return null;
  return withTenant(database, principal, async (tx) => {
    const isQuarantined = await tx.asset.findFirst({
      where: { id: assetId, state: 'QUARANTINED' },
      select: { id: true },
    });
    if (!isQuarantined) return null;
    const file = await tx.rendition.findFirst({ where: { assetId, purpose: 'MODERATION' } });
    if (!file) return null;
    await audit(tx, 'moderation.view', assetId, 'VIEWED');
    return { bucket: file.bucket, key: file.objectKey, version: file.objectVersion };
  });
}
