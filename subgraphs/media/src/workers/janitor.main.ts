import { announceReady, startTelemetry } from '@assay/telemetry';
import { readEnv } from '../env.ts';
import { parseJanitorConfig } from './janitor-config.ts';
import { runUntilSignal } from './signals.ts';
import { startJanitor } from './start-janitor.ts';

const env = readEnv();
const config = parseJanitorConfig(env, process.argv.slice(2));
await runUntilSignal(await startTelemetry('janitor', env), async (log) => {
  const janitor = await startJanitor(config, log);
  announceReady('janitor', janitor.url ?? '');
  if (!config.isOnce) return janitor;
  await janitor.ended;
  await janitor[Symbol.asyncDispose]();
  process.exit(0);
});
