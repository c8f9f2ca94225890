import { failure } from '@assay/failure';
import { canActOnAsset, verifyAllowed } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { AssetRecord } from './asset-record.ts';
import type { MediaTx } from './transaction.ts';
import { audit, enqueue, lockAsset, tell } from './write.ts';

type Write = <T>(work: (tx: MediaTx) => Promise<T>) => Promise<T>;

/** Who sees it, from nobody else to everybody. */
const RANK: Readonly<Record<AssetRecord['visibility'], number>> = { PRIVATE: 0, TENANT: 1, MARKETPLACE: 2 };

/**
 * Changes who may see an asset that is READY. Where fewer may than before, the preview links of those who might end.
 *
 * @param asset as the caller sees it; null when he does not
 * @throws Failure NOT_FOUND, FORBIDDEN, INVALID_STATE (not READY)
 */
export async function publishAsset(
  asset: AssetRecord | null,
  visibility: AssetRecord['visibility'],
  principal: Principal,
  write: Write,
): Promise<void> {
  const { id } = verifyMayChange(asset, principal);
  await write(async (tx) => {
    const current = await lockCurrent(tx, id);
    if (current.state !== 'READY')
      throw failure('INVALID_STATE', `Only a READY asset can be published; this one is ${current.state}.`);
    if (current.visibility === visibility) return;
    const isTakenBack = RANK[visibility] < RANK[current.visibility];
    const data = { visibility, ...(isTakenBack ? { epoch: { increment: 1 } } : {}) };
    await tx.asset.update({ where: { id }, data, select: { id: true } });
    await tell(tx, id, { type: 'PUBLISHED', state: 'READY' });
    await audit(tx, 'asset.publish', id, visibility);
    if (isTakenBack) await enqueue(tx, 'epoch', id);
  });
}

const DELETABLE: ReadonlySet<string> = new Set(['AWAITING_UPLOAD', 'READY', 'REJECTED', 'EXPIRED']);

/**
 * Deletes an asset: a tombstone stays with its evidence; previews and what the owner was granted end, running licences go on.
 *
 * @param asset as the caller sees it; null when he does not
 * @throws Failure NOT_FOUND, FORBIDDEN, INVALID_STATE (while intake or a moderator has it, and when it is deleted already)
 */
export async function deleteAsset(asset: AssetRecord | null, principal: Principal, write: Write): Promise<void> {
  const { id } = verifyMayChange(asset, principal);
  await write(async (tx) => {
    const { state } = await lockCurrent(tx, id);
    if (!DELETABLE.has(state)) throw failure('INVALID_STATE', `An asset that is ${state} cannot be deleted.`);
    await tx.asset.update({ where: { id }, data: { state: 'DELETED', epoch: { increment: 1 } }, select: { id: true } });
    await tell(tx, id, { type: 'DELETED', previousState: state, state: 'DELETED' });
    await audit(tx, 'asset.delete', id, state);
    await enqueue(tx, 'epoch', id);
    await enqueue(tx, 'tidy', id);
  });
}

function verifyMayChange(asset: AssetRecord | null, principal: Principal): AssetRecord {
  verifyAllowed(canActOnAsset(principal, asset));
  if (asset === null) throw failure('NOT_FOUND', 'There is no such asset.');
  return asset;
}

async function lockCurrent(tx: MediaTx, id: string) {
  await lockAsset(tx, id);
  const current = await tx.asset.findUnique({ where: { id }, select: { state: true, visibility: true } });
  if (!current) throw failure('NOT_FOUND', 'There is no such asset.');
  return current;
}
