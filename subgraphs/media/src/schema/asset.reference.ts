import type { AssetRecord } from '../assets/asset-record.ts';
import type { MediaContext } from '../context.ts';

/** An asset that another subgraph named: also one that the caller's tenant holds a licence for, whatever became of it. */
export function assetReference(
  reference: { readonly id: string },
  { assets }: MediaContext,
): Promise<AssetRecord | null> {
  return assets.findForLicense(reference.id);
}
