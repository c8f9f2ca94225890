import { type TransactionHost, withTenant } from '@assay/database';
import type { $Enums } from '@assay/database/clients/media';
import type { MediaTx } from '../assets/transaction.ts';
import { lockAsset, type NewEvent, tell } from '../assets/write.ts';

/** What a worker knows of the asset that it works on. */
export interface WorkedAsset {
  readonly id: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly state: $Enums.AssetState;
  readonly fileName: string;
  readonly declaredType: string;
  readonly declaredBytes: bigint;
  readonly declaredSha256: string | null;
  readonly mimeType: string | null;
  readonly bucket: $Enums.Bucket | null;
  readonly objectKey: string;
  readonly objectVersion: string | null;
  readonly tries: number;
  readonly revision: number;
  readonly epoch: bigint;
}

const SELECT = {
  id: true,
  tenantId: true,
  ownerId: true,
  state: true,
  fileName: true,
  declaredType: true,
  declaredBytes: true,
  declaredSha256: true,
  mimeType: true,
  bucket: true,
  objectKey: true,
  objectVersion: true,
  tries: true,
  revision: true,
  epoch: true,
} as const;

/** What the worker may change of an asset. */
export interface AssetChange {
  state?: $Enums.AssetState;
  kind?: $Enums.AssetKind;
  mimeType?: string;
  sizeBytes?: bigint;
  sha256?: string;
  bucket?: $Enums.Bucket | null;
  objectVersion?: string | null;
  tries?: number;
  readyAt?: Date;
}

/** Somebody else went on with this asset; what was found here is dropped, and nothing was written. */
export class Superseded extends Error {
  constructor(assetId: string) {
    super(`Asset ${assetId} was changed by somebody else.`);
    this.name = 'Superseded';
  }
}

/** One worker at one asset: each commit counts the revision up, so that of two with the same asset one goes on and the other stops. */
export interface AssetRun {
  readonly asset: WorkedAsset;
  /**
   * Changes the asset and whatever `work` writes, with the events that tell of it, in one transaction.
   *
   * @throws Superseded
   */
  commit(
    change: AssetChange,
    events: readonly NewEvent[],
    work?: (tx: MediaTx, asset: WorkedAsset) => Promise<void>,
  ): Promise<void>;
  /** Tells without a change; nothing happens when the asset went on. */
  tell(event: NewEvent): Promise<void>;
}

/**
 * Begins to work on an asset; null when there is none.
 *
 * @param requestId names the job in audit entries
 */
export async function openRun(
  db: TransactionHost<MediaTx>,
  assetId: string,
  requestId: string,
): Promise<AssetRun | null> {
  const system = 'system:intake' as const;
  const found = await withTenant(db, { system, tenantId: null, requestId }, (tx) =>
    tx.asset.findUnique({ where: { id: assetId }, select: SELECT }),
  );
  if (!found) return null;
  let asset: WorkedAsset = found;
  const actor = { system, tenantId: asset.tenantId, requestId };

  return {
    get asset() {
      return asset;
    },
    commit: async (change, events, work) => {
      await withTenant(db, actor, async (tx) => {
        await lockAsset(tx, assetId);
        const next = change.state ?? asset.state;
        const before = events.filter((event) => event.state !== next);
        const after = events.filter((event) => event.state === next);
        if (before.length > 0) {
          await verifyCurrent(tx, asset);
          await tell(tx, assetId, ...before);
        }
        const { count } = await tx.asset.updateMany({
          where: { id: assetId, revision: asset.revision },
          data: { ...change, revision: asset.revision + 1 },
        });
        if (count !== 1) throw new Superseded(assetId);
        await work?.(tx, asset);
        const left = next === asset.state ? {} : { previousState: asset.state };
        if (after.length > 0) await tell(tx, assetId, ...after.map((event) => ({ ...event, ...left })));
      });
      asset = { ...asset, ...change, revision: asset.revision + 1 };
    },
    tell: (event) =>
      withTenant(db, actor, async (tx) => {
        await lockAsset(tx, assetId);
        await verifyCurrent(tx, asset);
        await tell(tx, assetId, event);
      }),
  };
}

async function verifyCurrent(tx: MediaTx, { id, revision }: WorkedAsset): Promise<void> {
  const now = await tx.asset.findUnique({ where: { id }, select: { revision: true } });
  if (now?.revision !== revision) throw new Superseded(id);
}
