import sharp from 'sharp';
import { resizeBilinear } from './resize.ts';

const SIDE = 224;

/** Decodes the whole image within the limits, for the classifier and for a moderator's blurred look. @throws what sharp throws */
export async function readPicture(bytes: Buffer, maxPixels: number) {
  const open = () => sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true });
  const { data, info } = await open().toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const blurred = await open()
    .autoOrient()
    .resize({ width: 640, height: 640, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#808080' })
    .blur(18)
    .jpeg({ quality: 60 })
    .toBuffer();
  return { width: info.width, height: info.height, pixels: resizeBilinear(data, info, SIDE), blurred };
}
