import { announceReady, startTelemetry } from '@assay/telemetry';
import { readEnv } from '../env.ts';
import { parseModerationConfig } from './moderation-config.ts';
import { runUntilSignal } from './signals.ts';
import { startModeration } from './start-moderation.ts';

const env = readEnv();
await runUntilSignal(await startTelemetry('moderation', env), async (log) => {
  const door = await startModeration(parseModerationConfig(env), log);
  announceReady('moderation', door.url);
  return door;
});
