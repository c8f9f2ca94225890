import { failure } from '@assay/failure';
import { canActOnAsset, verifyAllowed } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { AssetRecord } from './asset-record.ts';
import type { MediaTx } from './transaction.ts';
import { audit, enqueue, lockAsset, tell } from './write.ts';

type Write = <T>(work: (tx: MediaTx) => Promise<T>) => Promise<T>;

/**
 * Changes who may see an asset that is READY.
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
    await tx.asset.update({ where: { id }, data: { visibility }, select: { id: true } });
    await tell(tx, id, { type: 'PUBLISHED', state: 'READY' });
    await audit(tx, 'asset.publish', id, visibility);
  });
}

const DELETABLE: ReadonlySet<string> = new Set(['AWAITING_UPLOAD', 'READY', 'REJECTED', 'EXPIRED']);

/**
 * Deletes an asset: a tombstone stays with its evidence, and everything handed out for it ends.
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
