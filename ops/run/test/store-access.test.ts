import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { BUCKETS, type Bucket, STORE_USERS, type StoreUser } from '../parts/store-access.ts';

const ORIGINAL = 'tenants/t/media/a/original';
const PREVIEW = 'tenants/t/media/a/moderation.jpg';
const COPY = 'tenants/t/media/b/original';

interface Place {
  readonly client: S3Client;
  readonly bucket: Bucket;
  /** Of the original and of the preview, as they were put there for this try. */
  readonly versions: { readonly original: string; readonly preview: string };
}

/** Whatever can be asked of a bucket that a process could want, or somebody who took it over. */
const ACTS = {
  get: ({ client, bucket, versions }) =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: ORIGINAL, VersionId: versions.original })),
  'get the preview': ({ client, bucket, versions }) =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: PREVIEW, VersionId: versions.preview })),
  'get the newest': ({ client, bucket }) => client.send(new GetObjectCommand({ Bucket: bucket, Key: ORIGINAL })),
  head: ({ client, bucket }) => client.send(new HeadObjectCommand({ Bucket: bucket, Key: ORIGINAL })),
  put: ({ client, bucket }) => client.send(new PutObjectCommand({ Bucket: bucket, Key: COPY, Body: 'x' })),
  'put under another name': ({ client, bucket }) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: 'tenants/t/media/a/preview-640.jpg', Body: 'x' })),
  'put outside of tenants': ({ client, bucket }) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: 'index.html', Body: 'x' })),
  'delete a version': ({ client, bucket, versions }) =>
    client.send(new DeleteObjectCommand({ Bucket: bucket, Key: ORIGINAL, VersionId: versions.original })),
  'delete the newest': ({ client, bucket }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: ORIGINAL })),
  'delete many': async ({ client, bucket }) => {
    const { Errors } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: ORIGINAL }] } }),
    );
    if (Errors?.length) throw new Error(`${Errors[0]?.Code}`);
  },
  'list versions': ({ client, bucket }) => client.send(new ListObjectVersionsCommand({ Bucket: bucket })),
  'list objects': ({ client, bucket }) => client.send(new ListObjectsV2Command({ Bucket: bucket })),
  'copy within': ({ client, bucket, versions }) =>
    client.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: COPY,
        CopySource: `${bucket}/${ORIGINAL}?versionId=${versions.original}`,
      }),
    ),
  'open it to everybody': ({ client, bucket }) =>
    client.send(new PutObjectAclCommand({ Bucket: bucket, Key: ORIGINAL, ACL: 'public-read' })),
  tag: ({ client, bucket }) =>
    client.send(
      new PutObjectTaggingCommand({ Bucket: bucket, Key: ORIGINAL, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    ),
  'read the policy': ({ client, bucket }) => client.send(new GetBucketPolicyCommand({ Bucket: bucket })),
  'write the policy': ({ client, bucket }) =>
    client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: openToAll(bucket) })),
  'end versions': ({ client, bucket }) =>
    client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Suspended' } })),
  'allow every origin': ({ client, bucket }) =>
    client.send(
      new PutBucketCorsCommand({
        Bucket: bucket,
        CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] },
      }),
    ),
  'delete the bucket': ({ client, bucket }) => client.send(new DeleteBucketCommand({ Bucket: bucket })),
  'make a bucket': ({ client }) => client.send(new CreateBucketCommand({ Bucket: 'of-my-own' })),
} as const satisfies Record<string, (place: Place) => Promise<unknown>>;
type Act = keyof typeof ACTS;

const READ = ['get', 'get the preview', 'get the newest', 'head'] as const satisfies Act[];

/** The table of who may touch what, act by act: everything that is not named here is refused. */
const MAY: Readonly<Record<Bucket, Readonly<Record<StoreUser, readonly Act[]>>>> = {
  'assay-incoming': {
    gateway: ['put', 'list versions'],
    intake: [...READ, 'delete a version', 'list versions'],
    moderation: [],
    janitor: ['delete a version', 'list versions'],
    edge: [],
  },
  'assay-media': {
    gateway: [],
    intake: [...READ, 'put', 'put under another name', 'delete a version', 'list versions', 'copy within'],
    moderation: [],
    janitor: ['delete a version', 'list versions'],
    edge: READ,
  },
  'assay-quarantine': {
    gateway: [],
    intake: [...READ, 'put', 'put under another name', 'delete a version', 'list versions', 'copy within'],
    moderation: ['get the preview'],
    janitor: ['delete a version', 'list versions'],
    edge: [],
  },
};

describe('the object store', () => {
  let parts: TestParts;
  const clients = new Map<string, S3Client>();
  const clientOf = (user: string, secret = parts.ground.secrets(`store-${user}`)) => {
    const client =
      clients.get(user) ??
      new S3Client({
        endpoint: parts.running.store?.url ?? '',
        region: 'us-east-1',
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: { accessKeyId: user, secretAccessKey: secret },
      });
    clients.set(user, client);
    return client;
  };
  beforeAll(async () => {
    parts = await startParts(['store']);
  });
  afterAll(async () => {
    for (const client of clients.values()) client.destroy();
    await parts?.[Symbol.asyncDispose]();
  });

  const place = async (user: StoreUser, bucket: Bucket): Promise<Place> => {
    const put = async (Key: string) =>
      (await clientOf('root').send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'bytes' }))).VersionId ?? '';
    return { client: clientOf(user), bucket, versions: { original: await put(ORIGINAL), preview: await put(PREVIEW) } };
  };

  it.each(BUCKETS.flatMap((bucket) => STORE_USERS.map((user) => [user, bucket] as const)))(
    'lets %s do in %s what its work needs, and nothing else',
    async (user, bucket) => {
      const done: string[] = [];
      for (const [name, act] of Object.entries(ACTS)) {
        const outcome = await act(await place(user, bucket)).then(() => 'done', refusal);
        if (outcome !== 'AccessDenied') done.push(outcome === 'done' ? name : `${name}: ${outcome}`);
      }
      expect(done.sort()).toEqual([...MAY[bucket][user]].sort());
    },
  );

  it('lets only the intake worker move bytes between buckets, and out of incoming', async () => {
    const moves: string[] = [];
    for (const user of STORE_USERS) {
      for (const from of BUCKETS) {
        for (const to of BUCKETS.filter((bucket) => bucket !== from)) {
          const { client, versions } = await place(user, from);
          const CopySource = `${from}/${ORIGINAL}?versionId=${versions.original}`;
          const copy = client.send(new CopyObjectCommand({ Bucket: to, Key: COPY, CopySource }));
          if ((await copy.then(() => 'done', refusal)) === 'done') moves.push(`${user}: ${from} to ${to}`);
        }
      }
    }
    expect(moves).toEqual([
      'intake: assay-incoming to assay-media',
      'intake: assay-incoming to assay-quarantine',
      'intake: assay-media to assay-quarantine',
      'intake: assay-quarantine to assay-media',
    ]);
  });

  it('answers nobody without a key, and nobody with a wrong one', async () => {
    for (const bucket of BUCKETS) {
      const anonymous = await fetch(`${parts.running.store?.url}/${bucket}/${ORIGINAL}`);
      expect(anonymous.status).toBe(403);
    }
    const forged = new S3Client({
      endpoint: parts.running.store?.url ?? '',
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: 'intake', secretAccessKey: 'guessed' },
    });
    await expect(forged.send(new ListObjectVersionsCommand({ Bucket: 'assay-media' }))).rejects.toThrow(
      /SignatureDoesNotMatch|signature/,
    );
    forged.destroy();
  });

  it("lets a page of the console's origin post a form, and no other page", async () => {
    const preflight = (origin: string) =>
      fetch(`${parts.running.store?.url}/assay-incoming`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const own = `http://localhost:${parts.ground.ports.gateway}`;
    expect((await preflight(own)).headers.get('access-control-allow-origin')).toBe(own);
    expect((await preflight('http://evil.test')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('keeps objects, users and their rights when it is killed', async () => {
    const { versions } = await place('intake', 'assay-media');
    await parts.kill('store');
    await parts.restart('store');
    const get = new GetObjectCommand({ Bucket: 'assay-media', Key: ORIGINAL, VersionId: versions.original });
    const { Body } = await clientOf('intake').send(get);
    expect(await Body?.transformToString()).toBe('bytes');
    expect(
      await clientOf('gateway')
        .send(get)
        .then(() => 'done', refusal),
    ).toBe('AccessDenied');
  });
});

/** HEAD has no body to say it in. */
function refusal(error: unknown): string {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403) return 'AccessDenied';
  if (error instanceof Error && error.message === 'AccessDenied') return error.message;
  return error instanceof Error ? `${error.name} ${error.message}` : String(error);
}

function openToAll(bucket: Bucket): string {
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
