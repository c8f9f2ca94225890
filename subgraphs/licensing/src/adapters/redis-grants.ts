import { failure } from '@assay/failure';
import { Redis } from 'ioredis';
import type { Grants } from '../downloads/grants.ts';
import { assetEpochKey, FIRST_EPOCH, grantKey, licenseEpochKey, licenseOf } from '../grants/places.ts';

export interface RedisGrants extends Grants, Disposable {
  isAlive(): Promise<void>;
}

/** Grants in Redis. A command that cannot be sent now fails now: a grant that waits in a queue is a grant nobody knows of. */
export function connectGrants(url: string, report: (error: unknown) => void): RedisGrants {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    enableReadyCheck: false,
    commandTimeout: 2_000,
  });
  redis.on('error', report);
  const asking = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      throw failure('UPSTREAM_UNAVAILABLE', 'Downloads cannot be granted right now. Try again in a moment.', { cause });
    });
  return {
    epochs: async (assetId, licenseId) => {
      const [info, counters] = await asking(
        Promise.all([
          redis.info('server'),
          redis.mget(assetEpochKey(assetId), licenseEpochKey(licenseOf(licenseId, assetId))),
        ]),
      );
      const boot = /^run_id:([0-9a-f]+)/m.exec(info)?.[1];
      if (!boot) throw failure('UPSTREAM_UNAVAILABLE', 'Downloads cannot be granted right now. Try again in a moment.');
      return { boot, asset: counters[0] ?? FIRST_EPOCH, license: counters[1] ?? FIRST_EPOCH };
    },
    keep: async (id, sealed, ttlMs) => {
      await asking(redis.set(grantKey(id), sealed, 'PX', ttlMs, 'NX'));
    },
    isAlive: async () => void (await asking(redis.ping())),
    [Symbol.dispose]: () => redis.disconnect(),
  };
}
