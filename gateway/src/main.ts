import { announceReady, startTelemetry } from '@assay/telemetry';
import { parseConfig } from './config.ts';
import { startGateway } from './deps.ts';
import { readEnv } from './env.ts';

const env = readEnv();
const telemetry = await startTelemetry('gateway', env);
const gateway = await startGateway(parseConfig(env), env, telemetry.log);
announceReady('gateway', gateway.url);

process.on('SIGHUP', () => void gateway.look());
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    // Nothing holds the end up for longer than the launcher waits.
    setTimeout(() => process.exit(1), 4_500).unref();
    void gateway[Symbol.asyncDispose]()
      .then(() => telemetry[Symbol.asyncDispose]())
      .then(() => process.exit(0));
  });
}
