import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { GRANT_TTL_MS, type Grant } from '@assay/licensing/grants/grant';
import { grantKey } from '@assay/licensing/grants/places';
import { createGrantSeal } from '@assay/licensing/grants/seal';
import { createToken, tokenHash } from '@assay/licensing/grants/token';
import { Redis } from 'ioredis';
import { type RunningEdge, startEdge } from '../src/index.ts';
import { type RedisPart, type StorePart, startRedis, startStore } from './parts.ts';

/** An edge with a Redis and a store of its own, and the right to grant. */
export interface House extends AsyncDisposable {
  readonly edge: RunningEdge;
  readonly redis: RedisPart;
  readonly store: StorePart;
  readonly seal: ReturnType<typeof createGrantSeal>;
  /** As an administrator: what no process of the product may do. */
  readonly root: Redis;
  /** Stores a file as intake does. */
  keep(bytes: Uint8Array): Promise<Kept>;
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

export async function openHouse(): Promise<House> {
  const [redis, store] = await Promise.all([startRedis(), startStore()]);
  const grantSeal = randomBytes(32).toString('base64url');
  const preview = randomBytes(32).toString('base64url');
  const logged: House['logged'] = [];
  const note = (fields: object, message: string) => void logged.push({ fields, message });
  const edge = await startEdge(
    {
      listen: { hostname: '127.0.0.1', port: 0 },
      redis: { url: redis.urlOf('edge') },
      store: { url: store.url, region: 'us-east-1', bucket: store.bucket, ...store.edge },
      keys: { grantSeal, preview },
      limits: { requestsPerSecond: 100_000 },
      logLevel: 'silent',
    },
    { info: note, error: note },
  );
  await ready(edge.url);
  const root = new Redis(redis.urlOf('root'), { disableClientInfo: true });
  root.on('error', () => undefined);
  const seal = createGrantSeal(grantSeal);

  const keep = async (bytes: Uint8Array) => {
    const asset = randomUUID();
    const key = `tenants/${randomUUID()}/media/${asset}/original`;
    return { asset, key, version: await store.put(key, bytes), bytes };
  };
  const grant = async (kept: Kept, change: Partial<Grant> = {}) => {
    const token = createToken();
    const id = tokenHash(token);
    const boot = /run_id:(\w+)/.exec(await root.info('server'))?.[1] ?? '';
    const made: Grant = {
      id,
      subject: randomUUID(),
      tenant: randomUUID(),
      asset: kept.asset,
      license: randomUUID(),
      key: kept.key,
      version: kept.version,
      fileName: 'photo.jpg',
      mimeType: 'image/jpeg',
      sizeBytes: kept.bytes.byteLength,
      assetEpoch: '0',
      licenseEpoch: '0',
      boot,
      expiresAt: Date.now() + GRANT_TTL_MS,
      ...change,
    };
    await root.set(grantKey(id), seal.seal(made), 'PX', GRANT_TTL_MS);
    return { token, id, url: `${edge.url}/d/${token}`, grant: made };
  };
  return {
    edge,
    redis,
    store,
    seal,
    root,
    keep,
    grant,
    logged,
    [Symbol.asyncDispose]: async () => {
      await edge[Symbol.asyncDispose]();
      root.disconnect();
      await Promise.all([redis[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
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

async function ready(url: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if ((await fetch(`${url}/health/ready`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the edge did not get ready');
}
