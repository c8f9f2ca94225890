import { announceReady, createLog } from '@assay/telemetry';
import { readEnv } from '../env.ts';
import { parseJanitorConfig } from './janitor-config.ts';
import { runUntilSignal } from './signals.ts';
import { startJanitor } from './start-janitor.ts';

const log = createLog('janitor');
const config = parseJanitorConfig(readEnv(), process.argv.slice(2));
await runUntilSignal(log, async () => {
  const janitor = await startJanitor(config, log);
  announceReady('janitor', janitor.url ?? '');
  if (!config.isOnce) return janitor;
  await janitor.ended;
  await janitor[Symbol.asyncDispose]();
  process.exit(0);
});
