import { createGrantSeal } from '@assay/licensing/grants/seal';
import { createPreviewLinks } from '@assay/media/preview-link';
import { createMetrics, openMetricsDoor } from '@assay/telemetry';
import { createRedeemShortcut } from './adapters/node-redeem.ts';
import { listen, nodeConnection } from './adapters/node-server.ts';
import { connectRedis } from './adapters/redis-connection.ts';
import { createRedisLedger } from './adapters/redis-ledger.ts';
import { createS3Store } from './adapters/s3-store.ts';
import { createEdge } from './app.ts';
import type { EdgeConfig } from './config.ts';
import type { EdgeDeps, EdgeLog } from './deps.ts';
import { openMeters } from './meters.ts';
import { createRate } from './rate.ts';

export interface RunningEdge extends AsyncDisposable {
  readonly url: string;
  readonly metricsUrl: string;
}

/** A bump of an epoch is seen within a second, a Redis that went silent within three and a half: five were promised. */
const PACE = { everyMs: 1_000, silenceMs: 2_500, stallMs: 30_000 };

/** Whoever finds the edge ready may redeem; where Redis is away it starts all the same, and refuses. */
const REDIS_PATIENCE_MS = 3_000;

/** Starts the edge on Node; disposing it lets running downloads end for three seconds. */
export async function startEdge(config: EdgeConfig, log: EdgeLog): Promise<RunningEdge> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(
    connectRedis(config.redis.url, (cause) => log.error({ err: cause }, 'redis does not answer')),
  );
  const store = stack.use(createS3Store(config.store));
  const metrics = createMetrics();
  const meters = openMeters(metrics);
  const deps: EdgeDeps = {
    ledger: createRedisLedger(redis),
    store,
    seal: createGrantSeal(config.keys.grantSeal),
    openPreviewLink: createPreviewLinks(config.keys.preview).open,
    rate: createRate(config.limits.requestsPerSecond),
    pace: PACE,
    now: Date.now,
    meters,
    log,
  };
  await redis.met(REDIS_PATIENCE_MS);
  const { url: metricsUrl } = stack.use(await openMetricsDoor(metrics, config.listen.metricsPort));
  const shortcut = createRedeemShortcut(deps);
  const server = stack.use(await listen(createEdge(deps, nodeConnection), { shortcut, meters, ...config.listen }));
  const held = stack.move();
  return { url: server.url, metricsUrl, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
