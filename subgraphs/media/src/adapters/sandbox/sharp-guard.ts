import sharp from 'sharp';

const LOADERS: Readonly<Record<string, string>> = {
  jpeg: 'VipsForeignLoadJpeg',
  png: 'VipsForeignLoadPng',
  webp: 'VipsForeignLoadWebp',
};

/** Blocks every decoder of libvips but those named; one that cannot be reached cannot be attacked. */
export function decodeOnly(formats: readonly string[]): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: formats.flatMap((format) => LOADERS[format] ?? []) });
  sharp.cache(false);
  sharp.concurrency(1);
}
