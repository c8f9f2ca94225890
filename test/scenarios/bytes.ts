import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { urlsOf } from '../../ops/run/environment.ts';
import type { Ground } from '../../ops/run/part.ts';

/** The store with the key of one of its users. */
export function storeAs(ground: Ground, user: string): S3Client {
  return new S3Client({
    endpoint: urlsOf(ground).store,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: user, secretAccessKey: ground.secrets(`store-${user}`) },
  });
}

/** Every version and marker that the store holds, as `bucket key`, sorted. */
export async function everythingStored(ground: Ground): Promise<string[]> {
  const root = storeAs(ground, 'root');
  const found: string[] = [];
  for (const bucket of ['incoming', 'media', 'quarantine']) {
    let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (marker) {
      const page: {
        Versions?: { Key?: string }[];
        DeleteMarkers?: { Key?: string }[];
        IsTruncated?: boolean;
        NextKeyMarker?: string;
        NextVersionIdMarker?: string;
      } = await root.send(new ListObjectVersionsCommand({ Bucket: `assay-${bucket}`, ...marker }));
      for (const { Key } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) found.push(`${bucket} ${Key}`);
      marker = page.IsTruncated
        ? {
            ...(page.NextKeyMarker ? { KeyMarker: page.NextKeyMarker } : {}),
            ...(page.NextVersionIdMarker ? { VersionIdMarker: page.NextVersionIdMarker } : {}),
          }
        : undefined;
    }
  }
  root.destroy();
  return found.sort();
}

/** What the store holds of one asset, as `bucket name`. */
export async function storedOf(ground: Ground, assetId: string): Promise<string[]> {
  return (await everythingStored(ground))
    .filter((entry) => entry.includes(assetId))
    .map((entry) => `${entry.split(' ')[0]} ${entry.split('/').at(-1)}`);
}
