import { announceReady, startTelemetry } from '@assay/telemetry';
import { readEnv } from '../env.ts';
import { parseIntakeConfig } from './intake-config.ts';
import { runUntilSignal } from './signals.ts';
import { startIntake } from './start-intake.ts';

const env = readEnv();
await runUntilSignal(await startTelemetry('intake', env), async (log) => {
  const worker = await startIntake(parseIntakeConfig(env), log);
  announceReady('intake', worker.url);
  return worker;
});
