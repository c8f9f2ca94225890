import type { $Enums } from '@assay/database/clients/media';

export type Bucket = $Enums.Bucket;

/** One stored version of an object. */
export interface ObjectVersion {
  readonly bucket: Bucket;
  readonly key: string;
  readonly version: string;
}

/** The same, as a listing shows it. */
export interface ListedVersion extends ObjectVersion {
  readonly modifiedAt: Date;
}

/** Where the bytes lie, as far as this process's key opens it. */
export interface Vault {
  /** @throws when there is no such version, or the store is away; its chunks throw too when they end before the object does */
  open(object: ObjectVersion): Promise<AsyncIterable<Uint8Array>>;
  put(bucket: Bucket, key: string, bytes: Uint8Array, mimeType: string): Promise<ObjectVersion>;
  /** Copies one version to another bucket under the same key, in the store. */
  copy(from: ObjectVersion, to: Bucket): Promise<ObjectVersion>;
  /** Every version and delete marker under a prefix, page by page. */
  list(bucket: Bucket, prefix: string): AsyncIterable<readonly ListedVersion[]>;
  delete(objects: readonly ObjectVersion[]): Promise<void>;
}
