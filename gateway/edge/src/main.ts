import { announceReady, createLog } from '@assay/telemetry';
import { parseConfig } from './config.ts';
import { readEnv } from './env.ts';
import { startEdge } from './start.ts';

const edge = await startEdge(parseConfig(readEnv()), createLog('edge'));
announceReady('edge', edge.url);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(1), 4_500).unref();
    void edge[Symbol.asyncDispose]().then(() => process.exit(0));
  });
}
