import sharp from 'sharp';
import { watermarkTile } from './watermark.ts';

/** The long edges of the previews, in pixels. */
const SIZES = [256, 640, 1280];

/** Re-encodes in three sizes with a visible tiled watermark. Nothing of the original but its pixels is kept. @throws what sharp throws */
export async function renderPreviews(bytes: Buffer, maxPixels: number, label: string) {
  const tile = watermarkTile(label);
  const largest = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true })
    .autoOrient()
    .toColourspace('srgb')
    .resize({ width: 1280, height: 1280, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = largest.info;
  return Promise.all(
    SIZES.map(async (size) => {
      const small = await sharp(largest.data, { raw: { width, height, channels } })
        .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
        .toBuffer({ resolveWithObject: true });
      const marked = await sharp(small.data, { raw: { width: small.info.width, height: small.info.height, channels } })
        .composite([{ input: Buffer.from(tile.data), raw: tile.raw, tile: true, blend: 'over' }])
        .jpeg({ quality: 80, mozjpeg: false })
        .toBuffer({ resolveWithObject: true });
      return {
        name: `preview-${size}.jpg`,
        mimeType: 'image/jpeg',
        width: marked.info.width,
        height: marked.info.height,
        bytes: marked.data,
      };
    }),
  );
}
