import { Prisma } from '@assay/database/clients/licensing';
import type { Principal } from '@assay/principal';
import type { DatabaseSession } from '@assay/subgraph';
import DataLoader from 'dataloader';
import type { Transaction } from '../adapters/database.ts';
import { type VisibleLicenses, visibleLicenses } from '../policy/visible-licenses.ts';
import type { LicenseRecord } from './license-record.ts';

/** A part of an asset's licences, the newest first. */
export interface LicensePart {
  /** A UUID. */
  readonly assetId: string;
  readonly limit: number;
  /** What came before it: the place of the last licence, to the millisecond. */
  readonly after: { readonly at: Date; readonly id: string } | null;
}

/** The licences of an asset that the caller sees. A list of assets is asked for at once. */
export type AssetLicenses = (part: LicensePart) => Promise<readonly LicenseRecord[]>;

/** @param rows of the request; loads are batched within it */
export function createAssetLicenses(rows: DatabaseSession<Transaction>, principal: Principal): AssetLicenses {
  const visible = visibleLicenses(principal);
  const loader = new DataLoader<LicensePart, readonly LicenseRecord[], object>(
    async (parts) => {
      const alike = Map.groupBy(parts, ({ limit, after }) => JSON.stringify([limit, after]));
      const found = await Promise.all([...alike.values()].map((those) => readParts(rows, visible, those)));
      const byPart = new Map(found.flatMap((each) => [...each]));
      return parts.map((part) => byPart.get(part) ?? []);
    },
    { cache: false },
  );
  return async (part) => (visible.length === 0 ? [] : loader.load(part));
}

interface Row {
  readonly id: string;
  readonly asset_id: string;
  readonly seats: number;
  readonly seats_used: number;
  readonly key_hint: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

/** Reads parts that differ in nothing but the asset, in one statement. */
async function readParts(
  rows: DatabaseSession<Transaction>,
  visible: VisibleLicenses,
  parts: readonly LicensePart[],
): Promise<Map<LicensePart, readonly LicenseRecord[]>> {
  const { limit = 0, after = null } = parts[0] ?? {};
  const ids = [...new Set(parts.map(({ assetId }) => assetId.toLowerCase()))];
  const before = after
    ? Prisma.sql`and (date_trunc('milliseconds', created_at), id) < (${after.at}::timestamptz, ${after.id}::uuid)`
    : Prisma.empty;
  const found = await rows.read(
    (tx) => tx.$queryRaw<Row[]>`
      select l.id, l.asset_id, l.seats, l.key_hint, l.created_at, l.expires_at, l.revoked_at,
        (select count(*)::integer from licensing.seat s where s.license_id = l.id) as seats_used
      from unnest(${ids}::uuid[]) as wanted (asset_id) cross join lateral (
        select * from licensing.license where asset_id = wanted.asset_id and ${conditionOf(visible)} ${before}
        order by date_trunc('milliseconds', created_at) desc, id desc limit ${limit}
      ) l order by date_trunc('milliseconds', l.created_at) desc, l.id desc`,
  );
  const byAsset = Map.groupBy(found.map(recordOf), ({ assetId }) => assetId);
  return new Map(parts.map((part) => [part, byAsset.get(part.assetId.toLowerCase()) ?? []]));
}

/** Row security says the same; this holds where it is off. */
function conditionOf(visible: VisibleLicenses): Prisma.Sql {
  const each = visible.map((whose) => {
    if ('buyerTenantId' in whose) return Prisma.sql`buyer_tenant_id = ${whose.buyerTenantId}::uuid`;
    const sold = Prisma.sql`seller_tenant_id = ${whose.sellerTenantId}::uuid`;
    return whose.sellerId === undefined ? sold : Prisma.sql`${sold} and seller_id = ${whose.sellerId}::uuid`;
  });
  return Prisma.sql`(${Prisma.join(each, ' or ')})`;
}

function recordOf(row: Row): LicenseRecord {
  return {
    id: row.id,
    assetId: row.asset_id,
    seats: row.seats,
    seatsUsed: row.seats_used,
    keyHint: row.key_hint,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
