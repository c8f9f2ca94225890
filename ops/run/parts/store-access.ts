import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  type CreateBucketCommandOutput,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Ground, Secrets } from '../part.ts';

export const STORE_USERS = ['gateway', 'intake', 'moderation', 'janitor', 'edge'] as const;
export type StoreUser = (typeof STORE_USERS)[number];
export const BUCKETS = ['assay-incoming', 'assay-media', 'assay-quarantine'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Acts on objects by their names; '' is the bucket itself, which is what is listed. */
interface Right {
  readonly actions: readonly string[];
  readonly objects: readonly string[];
}

const LIST: Right = { actions: ['s3:ListBucketVersions'], objects: [''] };
/** Everything of ours stands under its tenant. A version is read by one action; the server wants the other for a copy of it too. */
const GET: Right = { actions: ['s3:GetObject', 's3:GetObjectVersion'], objects: ['tenants/*'] };
const PUT: Right = { actions: ['s3:PutObject'], objects: ['tenants/*'] };
const DELETE: Right = { actions: ['s3:DeleteObjectVersion'], objects: ['tenants/*'] };
/** A form that is posted is a put by whoever signed it. The server asks about the bucket, and holds the key to the form's policy. */
const PUT_FORM: Right = { ...PUT, objects: ['', 'tenants/*/media/*/original'] };
const GET_PREVIEW: Right = { actions: ['s3:GetObjectVersion'], objects: ['tenants/*/media/*/moderation.jpg'] };
/** Whether it answers is tried by the name of an object that never is. */
const GET_ANY: Right = { ...GET, objects: ['*'] };

/** Who may touch what: a process's key opens what its work needs, and nothing else. */
export const STORE_RIGHTS: Readonly<Record<Bucket, Readonly<Partial<Record<StoreUser, readonly Right[]>>>>> = {
  'assay-incoming': { gateway: [PUT_FORM, LIST], intake: [GET, DELETE, LIST], janitor: [DELETE, LIST] },
  'assay-media': { intake: [GET, PUT, DELETE, LIST], janitor: [DELETE, LIST], edge: [GET_ANY] },
  'assay-quarantine': { intake: [GET, PUT, DELETE, LIST], moderation: [GET_PREVIEW], janitor: [DELETE, LIST] },
};

/**
 * Writes the file from which the server reads its users, before it starts: exactly ours, each with its own key.
 * The server's own command takes a secret as an argument, which every process of the machine can read.
 */
export function writeUsers(folder: string, secrets: Secrets): void {
  const account = (user: StoreUser) => ({ access: user, secret: secrets(`store-${user}`), role: 'user' });
  const accessAccounts = Object.fromEntries(
    STORE_USERS.map((user) => [user, { ...account(user), userID: 0, groupID: 0, projectID: 0 }]),
  );
  const file = join(folder, 'users.json');
  writeFileSync(`${file}.new`, JSON.stringify({ accessAccounts }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Makes buckets, versions, policies and CORS what they should be. Idempotent. */
export async function prepareBuckets(ground: Ground, url: string): Promise<void> {
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'root', secretAccessKey: ground.secrets('store-root') },
  });
  try {
    await Promise.all(BUCKETS.map((bucket) => prepareBucket(client, bucket)));
    const origin = `http://localhost:${ground.ports.gateway}`;
    const CORSRules = [
      { AllowedOrigins: [origin], AllowedMethods: ['POST'], AllowedHeaders: ['*'], MaxAgeSeconds: 600 },
    ];
    await client.send(new PutBucketCorsCommand({ Bucket: 'assay-incoming', CORSConfiguration: { CORSRules } }));
  } finally {
    client.destroy();
  }
}

async function prepareBucket(client: S3Client, bucket: Bucket): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch(unlessOurs);
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const Policy = policyOf(bucket);
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
}

function policyOf(bucket: Bucket): string {
  const arn = `arn:aws:s3:::${bucket}`;
  const statements = Object.entries(STORE_RIGHTS[bucket]).flatMap(([user, rights]) =>
    rights.map(({ actions, objects }) => ({
      Effect: 'Allow',
      Principal: { AWS: [user] },
      Action: actions,
      Resource: objects.map((name) => (name === '' ? arn : `${arn}/${name}`)),
    })),
  );
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function unlessOurs(error: unknown): CreateBucketCommandOutput | undefined {
  if (error instanceof Error && (error.name === 'BucketAlreadyOwnedByYou' || error.name === 'BucketAlreadyExists'))
    return undefined;
  throw error;
}
