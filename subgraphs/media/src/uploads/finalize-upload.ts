import { failure } from '@assay/failure';
import type { MediaTx } from '../assets/transaction.ts';
import { audit, enqueue, lockAsset, tell } from '../assets/write.ts';
import type { IncomingBucket } from './ports.ts';

type Write = <T>(work: (tx: MediaTx) => Promise<T>) => Promise<T>;

/**
 * Closes an upload: pins the newest version that the store holds, remembers the digest that the caller claims, and hands the
 * asset to intake, all in one transaction. What is posted to the same form afterwards is another version, and never read.
 *
 * Asking again with the same digest changes nothing and succeeds, also at the same moment.
 *
 * @param sha256 hex, lower case, as the caller computed it
 * @throws Failure BAD_USER_INPUT (not a digest), NOT_FOUND, CONFLICT (another digest than the first time), EXPIRED (the form's
 *   time was over before anything was finalized), INVALID_STATE (nothing is stored, or the asset was deleted)
 */
export async function finalizeUpload(
  assetId: string,
  sha256: string,
  write: Write,
  incoming: IncomingBucket,
): Promise<void> {
  verifyDigest(sha256);
  const pending = await write((tx) => findPending(tx, assetId, sha256));
  if (pending === null) return;
  const version = await incoming.newestVersion(pending.key);
  if (version === null) throw failure('INVALID_STATE', 'Nothing is stored yet. Post the file with the form first.');
  await write(async (tx) => {
    await lockAsset(tx, assetId);
    if ((await findPending(tx, assetId, sha256)) === null) return;
    await tx.asset.update({
      where: { id: assetId },
      data: {
        state: 'RECEIVED',
        bucket: 'INCOMING',
        objectVersion: version,
        declaredSha256: sha256,
        finalizedAt: new Date(),
      },
      select: { id: true },
    });
    await tell(tx, assetId, { type: 'FINALIZED', previousState: 'AWAITING_UPLOAD', state: 'RECEIVED' });
    await audit(tx, 'asset.finalize', assetId, 'RECEIVED');
    await enqueue(tx, 'intake', assetId);
  });
}

function verifyDigest(sha256: string): void {
  if (/^[0-9a-f]{64}$/.test(sha256)) return;
  const message = 'A SHA-256 digest is 64 hexadecimal digits in lower case.';
  throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['input', 'sha256'], message }] });
}

/** The upload that still waits; null when it was finalized with this digest already. */
async function findPending(tx: MediaTx, assetId: string, sha256: string): Promise<{ readonly key: string } | null> {
  const asset = await tx.asset.findUnique({
    where: { id: assetId },
    select: { state: true, declaredSha256: true, objectKey: true },
  });
  if (!asset) throw failure('NOT_FOUND', 'There is no such asset.');
  if (asset.declaredSha256 === sha256) return null;
  if (asset.declaredSha256 !== null) throw failure('CONFLICT', 'This upload was finalized with another digest.');
  if (asset.state === 'EXPIRED') throw failure('EXPIRED', 'The form of this upload has expired. Create a new upload.');
  if (asset.state !== 'AWAITING_UPLOAD') throw failure('INVALID_STATE', 'This asset does not wait for an upload.');
  return { key: asset.objectKey };
}
