import { Prisma } from '@assay/database/clients/media';
import { type AssetRecord, type AssetRow, recordOf } from './asset-record.ts';
import type { MediaTx } from './transaction.ts';

const COLUMNS = Prisma.sql`id, tenant_id, owner_id, kind::text, state::text, visibility::text, title, file_name, mime_type, size_bytes,
  sha256, epoch, previews, created_at, ready_at`;

/** Finds assets of the caller's tenant and on the storefront, by id; what the caller may not know of is not among them. */
export async function findAssets(tx: MediaTx, ids: readonly string[]): Promise<AssetRecord[]> {
  const rows = await tx.$queryRaw<AssetRow[]>`
    select ${COLUMNS}, 'TENANT' as seen_as from media.known_asset where id = any (${ids}::uuid[])
    union all
    select ${COLUMNS}, 'STOREFRONT' from media.storefront_asset s where id = any (${ids}::uuid[])
      and not exists (select from media.asset a where a.id = s.id)`;
  return rows.map(recordOf);
}

/** Finds what is in quarantine, by id; for a moderator's role. */
export async function findQuarantined(tx: MediaTx, ids: readonly string[]): Promise<AssetRecord[]> {
  const rows = await tx.$queryRaw<AssetRow[]>`
    select ${COLUMNS}, 'MODERATOR' as seen_as from media.known_asset where id = any (${ids}::uuid[])`;
  return rows.map(recordOf);
}

/** Finds what the caller's tenant holds a licence for, by id, whatever became of it; the storefront's columns. */
export async function findLicensed(tx: MediaTx, ids: readonly string[]): Promise<AssetRecord[]> {
  const rows = await tx.$queryRaw<AssetRow[]>`
    select ${COLUMNS}, 'LICENSEE' as seen_as from media.licensed_asset where id = any (${ids}::uuid[])`;
  return rows.map(recordOf);
}

export interface AssetFilter {
  /** Only assets in one of these; without it, all but the tombstones of deleted ones. */
  readonly states?: readonly string[] | undefined;
  readonly visibility?: string | undefined;
  readonly kind?: string | undefined;
  /** Only the assets of this user. */
  readonly ownerId?: string | undefined;
  /** Only the assets of this tenant. */
  readonly tenantId?: string | undefined;
}

export interface AssetPageArgs {
  /** How many rows at most. */
  readonly limit: number;
  /** Newest first; rows after this id. */
  readonly afterId?: string | undefined;
  readonly filter: AssetFilter;
}

/** Lists one's own, one's tenant's and the marketplace's assets, newest first. Each part is cut by an index before they meet. */
export async function listAssets(tx: MediaTx, args: AssetPageArgs): Promise<AssetRecord[]> {
  const where = whereOf(args);
  const rows = await tx.$queryRaw<AssetRow[]>`
    select * from (
      (select ${COLUMNS}, 'TENANT' as seen_as from media.known_asset ${where} order by id desc limit ${args.limit})
      union all
      (select ${COLUMNS}, 'STOREFRONT' from media.storefront_asset ${where}
        and tenant_id is distinct from (select caller.tenant()) order by id desc limit ${args.limit})
    ) both_parts order by id desc limit ${args.limit}`;
  return rows.map(recordOf);
}

/** Lists what is in quarantine, newest first; for a moderator's role. */
export async function listQuarantined(tx: MediaTx, args: AssetPageArgs): Promise<AssetRecord[]> {
  const rows = await tx.$queryRaw<AssetRow[]>`
    select ${COLUMNS}, 'MODERATOR' as seen_as from media.known_asset ${whereOf(args)} order by id desc limit ${args.limit}`;
  return rows.map(recordOf);
}

function whereOf({ afterId, filter }: AssetPageArgs): Prisma.Sql {
  const conditions = [
    filter.states
      ? Prisma.sql`state = any (${filter.states}::media.asset_state[])`
      : Prisma.sql`state <> 'DELETED'::media.asset_state`,
  ];
  if (afterId !== undefined) conditions.push(Prisma.sql`id < ${afterId}::uuid`);
  if (filter.visibility) conditions.push(Prisma.sql`visibility = ${filter.visibility}::media.visibility`);
  if (filter.kind) conditions.push(Prisma.sql`kind = ${filter.kind}::media.asset_kind`);
  if (filter.ownerId) conditions.push(Prisma.sql`owner_id = ${filter.ownerId}::uuid`);
  if (filter.tenantId) conditions.push(Prisma.sql`tenant_id = ${filter.tenantId}::uuid`);
  return Prisma.sql`where ${Prisma.join(conditions, ' and ')}`;
}
