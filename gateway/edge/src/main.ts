import { announceReady, startTelemetry } from '@assay/telemetry';
import { parseConfig } from './config.ts';
import { readEnv } from './env.ts';
import { startEdge } from './start.ts';

const env = readEnv();
const telemetry = await startTelemetry('edge', env);
const edge = await startEdge(parseConfig(env), telemetry.log);
announceReady('edge', edge.url);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(1), 4_500).unref();
    void edge[Symbol.asyncDispose]()
      .then(() => telemetry[Symbol.asyncDispose]())
      .then(() => process.exit(0));
  });
}
