import { type $Enums, Prisma } from '@assay/database/clients/media';
import type { Principal } from '@assay/principal';
import type { MediaTx } from '../assets/transaction.ts';
import { type Cursor, formatCursor } from './cursor.ts';

/** An event as one of its audiences reads it. */
export interface EventRecord {
  readonly cursor: string;
  readonly at: Date;
  readonly assetId: string;
  readonly type: $Enums.EventType;
  readonly state: $Enums.AssetState;
  readonly stage: $Enums.Stage | null;
  readonly verdict: $Enums.Verdict | null;
  readonly progress: { readonly done: bigint; readonly total: bigint } | null;
  /** Counts what this audience sees of the asset, from 1, without a gap. */
  readonly seq: number;
}

export type EventAudience = 'OWNER' | 'MODERATOR';

interface EventRow {
  tx: string;
  id: bigint;
  asset_id: string;
  at: Date;
  type: $Enums.EventType;
  state: $Enums.AssetState;
  stage: $Enums.Stage | null;
  verdict: $Enums.Verdict | null;
  progress_done: bigint | null;
  progress_total: bigint | null;
  seq: number;
}

/**
 * Reads an asset's events after a cursor, in their order. What row security hides is not among them, and neither is what the
 * same rules hide once more.
 *
 * Only transactions below the oldest that still runs are read: one with a lower id may still commit, and whoever had
 * read past it would never see its events.
 */
export async function readAssetEvents(
  tx: MediaTx,
  asked: AskedEvents,
  after: Cursor,
  limit: number,
): Promise<EventRecord[]> {
  const { seq, which } = ofAudience(asked);
  return read(tx, seq, which, after, OLDEST_FIRST, limit);
}

/** Reads the newest of the same events, where there is one after the cursor. */
export async function readNewestAssetEvent(tx: MediaTx, asked: AskedEvents, after: Cursor): Promise<EventRecord[]> {
  const { seq, which } = ofAudience(asked);
  return read(tx, seq, which, after, NEWEST_FIRST, 1);
}

/** An asset's events, as one of those reads them who may. */
export interface AskedEvents {
  readonly assetId: string;
  readonly audience: EventAudience;
  readonly principal: Principal;
}

function ofAudience({ assetId, audience, principal }: AskedEvents): { seq: Prisma.Sql; which: Prisma.Sql } {
  if (audience === 'MODERATOR') {
    const inQuarantine = Prisma.sql`exists (select from media.asset a where a.id = asset_id and a.state = 'QUARANTINED')`;
    const which = Prisma.sql`asset_id = ${assetId}::uuid and moderator_seq is not null and (moderation or ${inQuarantine})`;
    return { seq: Prisma.sql`moderator_seq`, which };
  }
  const mine = principal.roles.includes('admin') ? Prisma.sql`true` : Prisma.sql`owner_id = ${principal.subject}::uuid`;
  const which = Prisma.sql`asset_id = ${assetId}::uuid and owner_seq is not null and tenant_id = ${principal.tenantId}::uuid and ${mine}`;
  return { seq: Prisma.sql`owner_seq`, which };
}

/** Reads what entered and left quarantine after a cursor, of all assets; for a moderator's role. */
export async function readModerationEvents(tx: MediaTx, after: Cursor, limit: number): Promise<EventRecord[]> {
  return read(tx, Prisma.sql`moderator_seq`, Prisma.sql`moderation`, after, OLDEST_FIRST, limit);
}

const OLDEST_FIRST = Prisma.sql`e.tx, e.id`;
const NEWEST_FIRST = Prisma.sql`e.tx desc, e.id desc`;

async function read(
  tx: MediaTx,
  seq: Prisma.Sql,
  which: Prisma.Sql,
  after: Cursor,
  order: Prisma.Sql,
  limit: number,
): Promise<EventRecord[]> {
  const rows = await tx.$queryRaw<EventRow[]>`
    select e.tx::text, e.id, asset_id, at, type::text, state::text, stage::text, verdict::text, progress_done, progress_total, ${seq} as seq
    from media.asset_event e
    where ${which} and (e.tx, e.id) > (${after.tx}::text::xid8, ${after.id}::text::bigint)
      and e.tx < pg_snapshot_xmin(pg_current_snapshot())
    order by ${order} limit ${limit}`;
  return rows.map((row) => ({
    cursor: formatCursor({ tx: row.tx, id: String(row.id) }),
    at: row.at,
    assetId: row.asset_id,
    type: row.type,
    state: row.state,
    stage: row.stage,
    verdict: row.verdict,
    progress:
      row.progress_done === null || row.progress_total === null
        ? null
        : { done: row.progress_done, total: row.progress_total },
    seq: row.seq,
  }));
}
