import { setTimeout as sleep } from 'node:timers/promises';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Bucket, ListedVersion, ObjectVersion, Vault } from '../vault/vault.ts';
import { openS3, type StoreConfig } from './s3-client.ts';

export type BucketNames = Readonly<Record<Bucket, string>>;

/** The vault over an S3 store; what a process may do there its key says. */
export function openVault(config: StoreConfig, names: BucketNames): Vault & Disposable {
  const client = openS3(config);
  return {
    open: (object) => open(client, names, object),
    put: (bucket, key, bytes, mimeType) => put(client, names, { bucket, key, bytes, mimeType }),
    copy: (from, to) => copy(client, names, from, to),
    list: (bucket, prefix) => list(client, names, bucket, prefix),
    delete: async (objects) => {
      for (const { bucket, key, version } of objects) {
        await client.send(new DeleteObjectCommand({ Bucket: names[bucket], Key: key, VersionId: version }));
      }
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

async function open(
  client: S3Client,
  names: BucketNames,
  { bucket, key, version }: ObjectVersion,
): Promise<AsyncIterable<Uint8Array>> {
  const command = new GetObjectCommand({ Bucket: names[bucket], Key: key, VersionId: version });
  const { Body, ContentLength } = await client.send(command);
  if (!Body || ContentLength === undefined) throw new Error(`The store does not say how much it sends for ${key}.`);
  return whole(Body as unknown as AsyncIterable<Uint8Array>, ContentLength, key);
}

/** A store that goes away in the middle of an object may end the stream as if that were all. */
async function* whole(chunks: AsyncIterable<Uint8Array>, length: number, key: string): AsyncGenerator<Uint8Array> {
  let come = 0;
  for await (const chunk of chunks) {
    come += chunk.length;
    yield chunk;
  }
  if (come !== length) throw new Error(`The store sent ${come} bytes of ${length} for ${key}.`);
}

async function put(
  client: S3Client,
  names: BucketNames,
  { bucket, key, bytes, mimeType }: { bucket: Bucket; key: string; bytes: Uint8Array; mimeType: string },
): Promise<ObjectVersion> {
  const command = new PutObjectCommand({ Bucket: names[bucket], Key: key, Body: bytes, ContentType: mimeType });
  const { VersionId } = await pastConflicts(() => client.send(command));
  return { bucket, key, version: demanded(VersionId, key) };
}

async function copy(client: S3Client, names: BucketNames, from: ObjectVersion, to: Bucket): Promise<ObjectVersion> {
  const path = from.key.split('/').map(encodeURIComponent).join('/');
  const source = `${names[from.bucket]}/${path}?versionId=${encodeURIComponent(from.version)}`;
  const command = new CopyObjectCommand({ Bucket: names[to], Key: from.key, CopySource: source });
  const { VersionId } = await pastConflicts(() => client.send(command));
  return { bucket: to, key: from.key, version: demanded(VersionId, from.key) };
}

/** RFC 9110, 15.5.10: something else is under way at the same place. S3 says to try again (OperationAborted), and its client does not. */
const CONFLICT = 409;
const CONFLICTS_BORNE = 8;
const PAUSE_MS = 20;

/** A store over folders takes away a tenant's last folder while another object is about to be put into it. */
async function pastConflicts<Result>(send: () => Promise<Result>): Promise<Result> {
  for (let met = 1; ; met += 1) {
    try {
      return await send();
    } catch (error) {
      const isConflict = error instanceof S3ServiceException && error.$metadata.httpStatusCode === CONFLICT;
      if (!isConflict || met > CONFLICTS_BORNE) throw error;
      await sleep(PAUSE_MS * met * Math.random());
    }
  }
}

function demanded(version: string | undefined, key: string): string {
  if (version) return version;
  throw new Error(`The store keeps no versions of ${key}; every bucket needs versioning.`);
}

async function* list(
  client: S3Client,
  names: BucketNames,
  bucket: Bucket,
  prefix: string,
): AsyncIterable<readonly ListedVersion[]> {
  let place: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(
      new ListObjectVersionsCommand({ Bucket: names[bucket], Prefix: prefix, MaxKeys: 1_000, ...place }),
    );
    yield [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].flatMap(({ Key, VersionId, LastModified }) =>
      Key && VersionId ? [{ bucket, key: Key, version: VersionId, modifiedAt: LastModified ?? new Date(0) }] : [],
    );
    if (!page.IsTruncated || !page.NextKeyMarker) return;
    place = {
      KeyMarker: page.NextKeyMarker,
      ...(page.NextVersionIdMarker ? { VersionIdMarker: page.NextVersionIdMarker } : {}),
    };
  }
}
