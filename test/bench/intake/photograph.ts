import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { photograph } from '../../fixtures/make.ts';

const WIDTH = 3_000;
const SIZE_BYTES = 2_000_000;

/** A photograph of 7.8 megapixels and just over 2 MB: Hubble's deep field enlarged, at the lowest quality that is that large. */
export async function largePhotograph(): Promise<Buffer> {
  const enlarged = await sharp(photograph('hubble_deep_field.jpg'))
    .resize({ width: WIDTH })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = enlarged.info;
  for (let quality = 90; quality <= 100; quality += 1) {
    const jpeg = await sharp(enlarged.data, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer();
    if (jpeg.length >= SIZE_BYTES) return jpeg;
  }
  throw new Error('The photograph does not come to 2 MB.');
}

/** The same picture with bytes that no other has: a comment behind its first marker (JPEG, B.2.4.5). */
export function likeNoOther(jpeg: Buffer): Buffer {
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 18]), randomBytes(16)]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}
