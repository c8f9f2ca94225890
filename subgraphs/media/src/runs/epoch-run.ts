import { withTenant } from '@assay/database';
import { lockAsset } from '../assets/write.ts';
import type { RunPorts } from './ports.ts';

/** Where the edge looks whether what was handed out for an asset still holds. */
export interface Epochs {
  set(assetId: string, epoch: bigint): Promise<void>;
}

/** Tells the edge an asset's epoch. Under the asset's lock: two at once cannot leave the older one behind. */
export async function tellEpoch(
  assetId: string,
  requestId: string,
  epochs: Epochs,
  { database }: RunPorts,
): Promise<void> {
  await withTenant(database, { system: 'system:intake', tenantId: null, requestId }, async (tx) => {
    await lockAsset(tx, assetId);
    const asset = await tx.asset.findUnique({ where: { id: assetId }, select: { epoch: true } });
    if (asset) await epochs.set(assetId, asset.epoch);
  });
}
