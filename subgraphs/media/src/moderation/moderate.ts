import { withSqlFailures } from '@assay/database';
import { failure } from '@assay/failure';
import type { DatabaseSession } from '@assay/subgraph';
import { type AssetRecord, type AssetRow, isAssetId, recordOf } from '../assets/asset-record.ts';
import { readRecord } from '../assets/records.ts';
import type { MediaTx } from '../assets/transaction.ts';

const MAX_REASON = 2_000;

/**
 * A moderator's verdict, made by one function of the database that looks at who asks and returns the asset as the verdict left it.
 *
 * @param moderation rows as media_moderator; null when the caller is no moderator
 * @throws Failure FORBIDDEN, NOT_FOUND, BAD_USER_INPUT (the reason), INVALID_STATE (malware is not released, nothing to retry)
 */
export async function moderate(
  assetId: string,
  verdict: 'RELEASE' | 'REJECT' | 'RETRY',
  reason: string,
  moderation: DatabaseSession<MediaTx> | null,
): Promise<AssetRecord> {
  if (!moderation) throw failure('FORBIDDEN', 'Only moderators of the platform do this.');
  if (!isAssetId(assetId)) throw failure('NOT_FOUND', 'There is no such asset.');
  const why = parseReason(reason);
  return withSqlFailures(() =>
    moderation.write(async (tx) => {
      const before = await readRecord(tx, assetId);
      const [row] = await tx.$queryRaw<AssetRow[]>`
        select id, tenant_id, owner_id, kind::text, state::text, visibility::text, title, file_name, mime_type, size_bytes, sha256,
          epoch, null::jsonb as previews, created_at, ready_at, 'MODERATOR' as seen_as
        from media.moderate(${assetId}::uuid, ${verdict}, ${why})`;
      if (!row) throw failure('NOT_FOUND', 'There is no such asset.');
      const after = await readRecord(tx, assetId);
      // The verdict may end what he reads of the evidence; it changes nothing in it.
      return { ...recordOf(row), asLeft: { ...before, decision: after.decision ?? before.decision } };
    }),
  );
}

function parseReason(reason: string): string {
  const clean = reason.replaceAll('\0', '').trim();
  const message =
    clean === ''
      ? 'A verdict needs a reason.'
      : clean.length > MAX_REASON
        ? `A reason has at most ${MAX_REASON} characters.`
        : null;
  if (message === null) return clean;
  throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['input', 'reason'], message }] });
}
