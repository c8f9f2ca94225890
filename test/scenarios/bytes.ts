import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput, S3Client } from '@aws-sdk/client-s3';
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
    for await (const page of pagesOf(root, `assay-${bucket}`)) {
      for (const { Key } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) found.push(`${bucket} ${Key}`);
    }
  }
  root.destroy();
  return found.sort();
}

/** Page by page, as S3 marks them. */
async function* pagesOf(client: S3Client, Bucket: string) {
  let place: { KeyMarker: string | undefined; VersionIdMarker: string | undefined } | undefined;
  do {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, KeyMarker: place?.KeyMarker, VersionIdMarker: place?.VersionIdMarker }),
    );
    yield page;
    place = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  } while (place);
}

/** What the store holds of one asset, as `bucket name`. */
export async function storedOf(ground: Ground, assetId: string): Promise<string[]> {
  return (await everythingStored(ground))
    .filter((entry) => entry.includes(assetId))
    .map((entry) => `${entry.split(' ')[0]} ${entry.split('/').at(-1)}`);
}
