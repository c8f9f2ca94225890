import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GRANT_TTL_MS, type Grant } from '@assay/licensing/grants/grant';
import { grantKey } from '@assay/licensing/grants/places';
import { createGrantSeal } from '@assay/licensing/grants/seal';
import { createToken, tokenHash } from '@assay/licensing/grants/token';
import { createPreviewLinks, type PreviewLinks } from '@assay/media/preview-link';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import { redisUrl } from '../../../ops/run/parts/redis.ts';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { type RunningEdge, startEdge } from '../src/index.ts';

/** An edge with a Redis and a store of its own, and the right to grant. */
export interface House extends AsyncDisposable {
  readonly edge: RunningEdge;
  readonly parts: TestParts;
  readonly seal: ReturnType<typeof createGrantSeal>;
  readonly previews: PreviewLinks;
  /** Redis as licensing has it. */
  readonly licensing: Redis;
  /** Redis as the intake worker has it. */
  readonly worker: Redis;
  /** Redis as the audit's drain has it. */
  readonly drain: Redis;
  /** Redis as the edge has it: it may look at grants. */
  readonly reader: Redis;
  /** Stores a file as intake does; another version when the key is known. */
  keep(bytes: Uint8Array, key?: string): Promise<Kept>;
  /** Issues a grant as licensing does; `change` bends it before it is sealed. */
  grant(kept: Kept, change?: Partial<Grant>): Promise<Issued>;
  readonly logged: { fields: object; message: string }[];
}

export interface Kept {
  readonly asset: string;
  readonly key: string;
  readonly version: string;
  readonly bytes: Uint8Array;
}

export interface Issued {
  readonly token: string;
  readonly id: string;
  readonly url: string;
  readonly grant: Grant;
}

export interface HouseOptions {
  readonly requestsPerSecond?: number;
}

export async function openHouse({ requestsPerSecond = 100_000 }: HouseOptions = {}): Promise<House> {
  const parts = await startParts(['redis', 'store']);
  const grantSeal = randomBytes(32).toString('base64url');
  const preview = randomBytes(32).toString('base64url');
  const logged: House['logged'] = [];
  const note = (fields: object, message: string) => void logged.push({ fields, message });
  const storeUrl = parts.running.store?.url ?? '';
  const edge = await startEdge(
    {
      listen: { hostname: '127.0.0.1', port: 0, metricsPort: 0 },
      redis: { url: redisUrl(parts.ground, 'edge') },
      store: {
        url: storeUrl,
        region: 'us-east-1',
        bucket: 'assay-media',
        key: 'edge',
        secret: parts.ground.secrets('store-edge'),
      },
      keys: { grantSeal, preview },
      limits: { requestsPerSecond },
    },
    { info: note, error: note },
  );
  await ready(edge.url);
  const [licensing, worker, drain, reader] = (['gateway', 'worker', 'drain', 'edge'] as const).map((user) => {
    const redis = new Redis(redisUrl(parts.ground, user), { disableClientInfo: true, enableReadyCheck: false });
    return redis.on('error', () => undefined);
  }) as [Redis, Redis, Redis, Redis];
  const store = new S3Client({
    endpoint: storeUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'intake', secretAccessKey: parts.ground.secrets('store-intake') },
    forcePathStyle: true,
  });
  const seal = createGrantSeal(grantSeal);

  return {
    edge,
    parts,
    seal,
    previews: createPreviewLinks(preview),
    licensing,
    worker,
    drain,
    reader,
    logged,
    keep: async (bytes, key = `tenants/${randomUUID()}/media/${randomUUID()}/original`) => {
      const { VersionId } = await store.send(new PutObjectCommand({ Bucket: 'assay-media', Key: key, Body: bytes }));
      return { asset: key.split('/')[3] ?? '', key, version: VersionId ?? '', bytes };
    },
    grant: async (kept, change = {}) => {
      const token = createToken();
      const id = tokenHash(token);
      const boot = /run_id:(\w+)/.exec(await licensing.info('server'))?.[1] ?? '';
      const made: Grant = {
        id,
        boot,
        asset: kept.asset,
        license: randomUUID(),
        assetEpoch: '0',
        licenseEpoch: '0',
        subject: randomUUID(),
        tenant: randomUUID(),
        expiresAt: Date.now() + GRANT_TTL_MS,
        sizeBytes: kept.bytes.byteLength,
        key: kept.key,
        version: kept.version,
        mimeType: 'image/jpeg',
        fileName: 'photo.jpg',
        ...change,
      };
      await licensing.set(grantKey(id), seal.seal(made), 'PX', GRANT_TTL_MS);
      return { token, id, url: `${edge.url}/d/${token}`, grant: made };
    },
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]();
      for (const redis of [licensing, worker, drain, reader]) redis.disconnect();
      store.destroy();
      await parts[Symbol.asyncDispose]();
    },
  };
}

/** Spends the grant and gives the lease's URL. */
export async function redeemed(house: House, issued: Issued, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(issued.url, { redirect: 'manual', headers });
  const location = response.headers.get('location');
  if (response.status !== 303 || location === null) throw new Error(`the grant was not spent: ${response.status}`);
  return house.edge.url + location;
}

export function digest(bytes: Uint8Array | ArrayBuffer): string {
  return createHash('sha256').update(new Uint8Array(bytes)).digest('hex');
}

/** Waits for something to become true, and says what did not. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await isSo()) return;
    await sleep(20);
  }
  throw new Error(`${what}: not within ${withinMs} ms`);
}

function ready(url: string): Promise<void> {
  return until('the edge is ready', async () => (await fetch(`${url}/health/ready`)).ok);
}
