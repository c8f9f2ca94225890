import type { AssetRecord } from '../assets/asset-record.ts';
import type { ModerationFile } from '../assets/records.ts';
import type { MediaDeps } from '../deps.ts';
import type { PreviewType } from './preview.type.ts';

const PREVIEW_LIFETIME_MS = 15 * 60 * 1_000;

/** Signed URLs at the edge; null unless the asset is READY and was rendered. */
export function previewOf(
  asset: AssetRecord,
  { previewLinks, urls }: Pick<MediaDeps, 'previewLinks' | 'urls'>,
  nowMs: number,
): PreviewType | null {
  const expiresAtMs = nowMs + PREVIEW_LIFETIME_MS;
  const epoch = String(asset.epoch);
  const sizes = asset.previews.map(({ width, height, key }) => ({
    url: `${urls.edge}/p/${previewLinks.sign({ key, epoch }, expiresAtMs)}`,
    width,
    height,
  }));
  const [widest] = sizes;
  const mimeType = asset.previews[0]?.mimeType;
  if (asset.state !== 'READY' || !widest || mimeType === undefined) return null;
  return { ...widest, mimeType, sizes, expiresAt: new Date(expiresAtMs) };
}

/** The gateway's door, which asks who comes at each view. */
export function moderationPreviewOf(
  asset: AssetRecord,
  file: ModerationFile | null,
  { urls }: Pick<MediaDeps, 'urls'>,
  nowMs: number,
): PreviewType | null {
  if (asset.state !== 'QUARANTINED' || !file) return null;
  const { width, height, mimeType } = file;
  const url = `${urls.gateway}/moderation/preview/${asset.id}`;
  return {
    url,
    width,
    height,
    mimeType,
    sizes: [{ url, width, height }],
    expiresAt: new Date(nowMs + PREVIEW_LIFETIME_MS),
  };
}
