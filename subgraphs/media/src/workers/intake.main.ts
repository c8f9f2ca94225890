import { announceReady, createLog } from '@assay/telemetry';
import { readEnv } from '../env.ts';
import { parseIntakeConfig } from './intake-config.ts';
import { runUntilSignal } from './signals.ts';
import { startIntake } from './start-intake.ts';

const log = createLog('intake');
await runUntilSignal(log, async () => {
  const worker = await startIntake(parseIntakeConfig(readEnv()), log);
  announceReady('intake', worker.url);
  return worker;
});
