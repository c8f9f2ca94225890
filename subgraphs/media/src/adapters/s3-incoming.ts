import { failure } from '@assay/failure';
import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import type { FormRequest, IncomingBucket, SignedForm } from '../uploads/ports.ts';
import type { StoreConfig } from './s3-client.ts';
import { openS3 } from './s3-client.ts';

/**
 * The incoming bucket with the gateway's key: it can put, which signs forms (AWS "Browser-Based Uploads Using POST"),
 * and list versions. It cannot read a byte.
 */
export function openIncoming(config: StoreConfig, bucket: string): IncomingBucket & Disposable {
  const client = openS3(config);
  return {
    signForm: (request) => signForm(client, bucket, request),
    newestVersion: (key) => newestVersion(client, bucket, key),
    isAlive: async () => {
      await client.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1 }), {
        abortSignal: AbortSignal.timeout(2_000),
      });
      return true;
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}

async function signForm(client: S3Client, bucket: string, request: FormRequest): Promise<SignedForm> {
  const { url, fields } = await createPresignedPost(client, {
    Bucket: bucket,
    Key: request.key,
    Fields: { 'Content-Type': request.contentType },
    Conditions: [
      ['eq', '$key', request.key],
      ['eq', '$Content-Type', request.contentType],
      ['content-length-range', 1, request.maxSizeBytes],
    ],
    Expires: request.lifetimeS,
  });
  return { url, fields: Object.entries(fields).map(([name, value]) => ({ name: formName(name), value })) };
}

/** As S3 documents them ("POST Object", form fields); the SDK writes some with capitals. */
function formName(name: string): string {
  return name === 'Policy' || name.startsWith('X-Amz-') ? name.toLowerCase() : name;
}

async function newestVersion(client: S3Client, bucket: string, key: string): Promise<string | null> {
  try {
    const { Versions } = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, MaxKeys: 100 }),
    );
    return Versions?.find((version) => version.Key === key && version.IsLatest)?.VersionId ?? null;
  } catch (cause) {
    throw failure('UPSTREAM_UNAVAILABLE', 'The object store does not answer. Try again.', { cause });
  }
}
