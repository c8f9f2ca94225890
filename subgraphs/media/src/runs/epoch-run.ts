import { withTenant } from '@assay/database';
import { lockAsset } from '../assets/write.ts';
import type { RunPorts } from './ports.ts';

/** Where the edge looks whether what was handed out for an asset still holds. */
export interface Epochs {
  set(assetId: string, epochs: AssetEpochs): Promise<void>;
}

/** Numbers that only grow; what was handed out under an older one is over. */
export interface AssetEpochs {
  /** Of preview links: the asset was taken back, deleted or rejected. */
  readonly preview: bigint;
  /** Of the owner's downloads: the asset was deleted. */
  readonly owner: bigint;
  /** Of every download: the bytes turned out to be bad. */
  readonly all: bigint;
}

/** Tells the edge an asset's epochs. Under the asset's lock: two at once cannot leave the older ones behind. */
export async function tellEpoch(
  assetId: string,
  requestId: string,
  epochs: Epochs,
  { database }: RunPorts,
): Promise<void> {
  await withTenant(database, { system: 'system:intake', tenantId: null, requestId }, async (tx) => {
    await lockAsset(tx, assetId);
    const select = { epoch: true, ownerEpoch: true, voidEpoch: true } as const;
    const asset = await tx.asset.findUnique({ where: { id: assetId }, select });
    if (asset) await epochs.set(assetId, { preview: asset.epoch, owner: asset.ownerEpoch, all: asset.voidEpoch });
  });
}
