import { createGrantSeal } from '@assay/licensing/grants/seal';
import { createPreviewLinks } from '@assay/media/preview-link';
import { createRedeemShortcut } from './adapters/node-redeem.ts';
import { listen, nodeConnection } from './adapters/node-server.ts';
import { connectRedis } from './adapters/redis-connection.ts';
import { createRedisLedger } from './adapters/redis-ledger.ts';
import { createS3Store } from './adapters/s3-store.ts';
import { createEdge } from './app.ts';
import type { EdgeConfig } from './config.ts';
import type { EdgeDeps, EdgeLog } from './deps.ts';
import { createRate } from './rate.ts';

export interface RunningEdge extends AsyncDisposable {
  readonly url: string;
}

/** A bump of an epoch is seen within a second, a Redis that went silent within three and a half: five were promised. */
const PACE = { everyMs: 1_000, silenceMs: 2_500, stallMs: 30_000 };

/** Whoever finds the edge ready may redeem; where Redis is away it starts all the same, and refuses. */
const REDIS_PATIENCE_MS = 3_000;

/** Starts the edge on Node; disposing it lets running downloads end for three seconds. */
export async function startEdge(config: EdgeConfig, log: EdgeLog): Promise<RunningEdge> {
  const redis = connectRedis(config.redis.url, (cause) => log.error({ err: cause }, 'redis does not answer'));
  const store = createS3Store(config.store);
  const deps: EdgeDeps = {
    ledger: createRedisLedger(redis),
    store,
    seal: createGrantSeal(config.keys.grantSeal),
    openPreviewLink: createPreviewLinks(config.keys.preview).open,
    rate: createRate(config.limits.requestsPerSecond),
    pace: PACE,
    now: Date.now,
    log,
  };
  await redis.met(REDIS_PATIENCE_MS);
  const server = await listen(
    createEdge(deps, nodeConnection),
    createRedeemShortcut(deps),
    config.listen.port,
    config.listen.hostname,
  );
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      redis[Symbol.dispose]();
      store[Symbol.dispose]();
    },
  };
}
