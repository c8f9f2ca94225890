import { failure } from '@assay/failure';
import { canReadAsset, canReadAssetRecord } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { DatabaseSession } from '@assay/subgraph';
import DataLoader from 'dataloader';
import { type AssetRecord, isAssetId } from './asset-record.ts';
import {
  type AssetPageArgs,
  findAssets,
  findLicensed,
  findQuarantined,
  listAssets,
  listQuarantined,
} from './find-assets.ts';
import type { MediaTx } from './transaction.ts';

/** The rows of one request: as the caller, and for moderators as media_moderator too. */
export interface MediaRows {
  readonly own: DatabaseSession<MediaTx>;
  /** Null unless the caller moderates the platform. */
  readonly moderation: DatabaseSession<MediaTx> | null;
}

/** What of the assets the caller may see. Row security decides; the same rules stand here once more, should it ever be off. */
export interface AssetReader {
  /** Null when there is none, or when the caller may not know that there is. */
  find(id: string): Promise<AssetRecord | null>;
  /** The same, and what the caller's tenant holds a licence for. */
  findForLicense(id: string): Promise<AssetRecord | null>;
  list(args: AssetPageArgs): Promise<AssetRecord[]>;
  /** @throws Failure FORBIDDEN */
  quarantine(args: AssetPageArgs): Promise<AssetRecord[]>;
  /** As whom the caller reads evidence, decision and events of the asset; null when not at all. */
  audienceOf(asset: AssetRecord): RecordAudience | null;
}

export interface RecordAudience {
  readonly name: 'OWNER' | 'MODERATOR';
  readonly session: DatabaseSession<MediaTx>;
}

/** @param rows of the request; loads are batched within it */
export function createAssetReader(principal: Principal, rows: MediaRows): AssetReader {
  const visible = new DataLoader<string, AssetRecord | null>((ids) => inOrder(ids, loadVisible(principal, rows, ids)), {
    cache: false,
  });
  const licensed = new DataLoader<string, AssetRecord | null>(
    (ids) =>
      inOrder(
        ids,
        rows.own.read((tx) => findLicensed(tx, ids)),
      ),
    { cache: false },
  );
  const find = async (id: string) => (isAssetId(id) ? visible.load(id) : null);
  return {
    find,
    findForLicense: async (id) => {
      if (!isAssetId(id)) return null;
      return (await visible.load(id)) ?? (principal.tenantId === null ? null : licensed.load(id));
    },
    list: async (args) => {
      const own = await rows.own.read((tx) => listAssets(tx, args));
      const quarantined = rows.moderation ? await rows.moderation.read((tx) => listQuarantined(tx, args)) : [];
      return newestFirst(seenBy(principal, [...own, ...quarantined])).slice(0, args.limit);
    },
    quarantine: async (args) => {
      if (!rows.moderation) throw failure('FORBIDDEN', 'Only moderators of the platform see the quarantine.');
      return rows.moderation.read((tx) => listQuarantined(tx, args));
    },
    audienceOf: (asset) => {
      if (!canReadAssetRecord(principal, asset)) return null;
      if (asset.seenAs === 'MODERATOR') return rows.moderation && { name: 'MODERATOR', session: rows.moderation };
      return asset.seenAs === 'TENANT' ? { name: 'OWNER', session: rows.own } : null;
    },
  };
}

async function loadVisible(
  principal: Principal,
  { own, moderation }: MediaRows,
  ids: readonly string[],
): Promise<AssetRecord[]> {
  const found = seenBy(principal, await own.read((tx) => findAssets(tx, ids)));
  const missing = ids.filter((id) => !found.some((asset) => asset.id === id));
  if (!moderation || missing.length === 0) return found;
  return [...found, ...seenBy(principal, await moderation.read((tx) => findQuarantined(tx, missing)))];
}

/** What another tenant's row shows is the storefront's, however it was read; more of it only moderators read, by their own role. */
function seenBy(principal: Principal, assets: readonly AssetRecord[]): AssetRecord[] {
  return assets.flatMap((asset) => {
    if (!canReadAsset(principal, asset)) return [];
    if (asset.seenAs === 'MODERATOR' || asset.tenantId === principal.tenantId) return [asset];
    const isOnSale = asset.state === 'READY' && asset.visibility === 'MARKETPLACE';
    return isOnSale ? [{ ...asset, sha256: null, seenAs: 'STOREFRONT' as const }] : [];
  });
}

function newestFirst(assets: readonly AssetRecord[]): AssetRecord[] {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function inOrder(
  ids: readonly string[],
  assets: Promise<readonly AssetRecord[]>,
): Promise<(AssetRecord | null)[]> {
  const byId = new Map((await assets).map((asset) => [asset.id, asset]));
  return ids.map((id) => byId.get(id) ?? null);
}
