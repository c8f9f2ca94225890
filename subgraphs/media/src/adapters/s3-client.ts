import { S3Client } from '@aws-sdk/client-s3';

/** Where the object store is, and the key of this process. */
export interface StoreConfig {
  readonly url: string;
  readonly region: string;
  readonly key: string;
  readonly secret: string;
}

/** A client that fails soon: whoever asks has a caller who waits, or tries again by himself. */
export function openS3({ url, region, key, secret }: StoreConfig): S3Client {
  return new S3Client({
    endpoint: url,
    region,
    credentials: { accessKeyId: key, secretAccessKey: secret },
    forcePathStyle: true,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, socketTimeout: 15_000 },
  });
}
