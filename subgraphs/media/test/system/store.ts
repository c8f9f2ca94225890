import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import type { House } from './house.ts';

/** The store as its root sees it. */
export function rootOfStore(house: House): S3Client {
  return clientOf(house, 'root');
}

export function clientOf(house: House, user: string): S3Client {
  return new S3Client({
    endpoint: house.parts.running.store?.url ?? '',
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: user, secretAccessKey: house.parts.ground.secrets(`store-${user}`) },
  });
}

/** What is stored of an asset: `bucket name` of each version, sorted. */
export async function storedOf(house: House, assetId: string): Promise<string[]> {
  const client = rootOfStore(house);
  const found: string[] = [];
  for (const bucket of ['incoming', 'media', 'quarantine']) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: `assay-${bucket}` }),
    );
    const ours = [...Versions, ...DeleteMarkers].filter(({ Key }) => Key?.includes(assetId));
    found.push(...ours.map(({ Key }) => `${bucket} ${Key?.split('/').at(-1)}`));
  }
  client.destroy();
  return found.sort();
}

/** Whether a process's key reads an object. */
export async function isReadableBy(house: House, user: string, bucket: string, key: string): Promise<boolean> {
  const client = clientOf(house, user);
  return client
    .send(new GetObjectCommand({ Bucket: `assay-${bucket}`, Key: key }))
    .then(
      () => true,
      () => false,
    )
    .finally(() => client.destroy());
}
