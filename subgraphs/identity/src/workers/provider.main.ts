import { announceReady, startTelemetry } from '@assay/telemetry';
import { env } from '../env.ts';
import { parseProviderConfig } from '../provider/config.ts';
import { startProvider } from '../provider/start.ts';

const telemetry = await startTelemetry('oidc', env);
const { log } = telemetry;
const provider = await startProvider(parseProviderConfig(env), (what, error) => log.error({ err: error }, what));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    await provider[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
    process.exit(0);
  });
}
announceReady('oidc', provider.issuer);
