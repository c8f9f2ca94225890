import { connectRedis } from '@assay/subgraph/redis';
import type { Epochs } from '../runs/epoch-run.ts';

/** Epochs under the keys that the edge reads. */
export interface RedisEpochs extends Epochs, Disposable {}

/** @param url of Redis, as the worker's user; @param onError is told of a connection that breaks */
export function connectEpochs(url: string, onError: (cause: Error) => void): RedisEpochs {
  const redis = connectRedis(url, onError);
  return {
    set: async (assetId, { preview, owner, all }) => {
      await Promise.all([
        redis.set(`epoch:preview:${assetId}`, String(preview)),
        redis.set(`epoch:license:owner:${assetId}`, String(owner)),
        redis.set(`epoch:asset:${assetId}`, String(all)),
      ]);
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}
