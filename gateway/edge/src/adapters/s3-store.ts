import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Store, StoredObject } from '../store.ts';

export interface S3Config {
  readonly url: string;
  readonly region: string;
  readonly key: string;
  readonly secret: string;
  /** The media bucket: the only one that the edge's key opens, and only to read. */
  readonly bucket: string;
}

/** Longer without a byte from the store, and it counts as down. */
const SILENCE_MS = 10_000;

/** Reads pinned versions from an S3 store. */
export function createS3Store({ url, region, key, secret, bucket }: S3Config): Store & Disposable {
  const client = new S3Client({
    endpoint: url,
    region,
    credentials: { accessKeyId: key, secretAccessKey: secret },
    forcePathStyle: true,
    maxAttempts: 1,
    // A range has no checksum of the whole, and the stream is passed on as it comes.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 2_000,
      socketTimeout: SILENCE_MS,
      httpAgent: { keepAlive: true, maxSockets: 512 },
    },
  });
  const open = async (object: StoredObject, signal: AbortSignal) => {
    const found = await client
      .send(new GetObjectCommand({ Bucket: bucket, ...inputOf(object) }), { abortSignal: signal })
      .catch(missing);
    if (!found?.Body || found.ContentLength === undefined) return null;
    return { length: found.ContentLength, body: found.Body.transformToWebStream() };
  };
  return {
    open,
    // The edge's key may read objects and do nothing else, so that is what is tried: one that never is.
    isAlive: async () => (await open({ key: 'health' }, AbortSignal.timeout(2_000))) === null,
    [Symbol.dispose]: () => client.destroy(),
  };
}

function inputOf({ key, version, range }: StoredObject) {
  return {
    Key: key,
    ...(version === undefined ? {} : { VersionId: version }),
    ...(range === undefined ? {} : { Range: `bytes=${range.first}-${range.last}` }),
  };
}

/** Gone is an answer; everything else is a store that cannot be asked. */
function missing(error: unknown): null {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return null;
  throw error;
}
