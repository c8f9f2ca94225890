import { announceReady, createLog } from '@assay/telemetry';
import { readEnv } from '../env.ts';
import { parseModerationConfig } from './moderation-config.ts';
import { runUntilSignal } from './signals.ts';
import { startModeration } from './start-moderation.ts';

const log = createLog('moderation');
await runUntilSignal(log, async () => {
  const door = await startModeration(parseModerationConfig(readEnv()), log);
  announceReady('moderation', door.url);
  return door;
});
