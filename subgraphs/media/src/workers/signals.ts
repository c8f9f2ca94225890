import type { Log, Telemetry } from '@assay/telemetry';

/** What may still run at the end gets this long. */
const GRACE_MS = 4_500;

/** Starts a part, and ends it on SIGTERM or SIGINT; the process exits with 0 then, and with 1 when the start failed. */
export async function runUntilSignal(
  telemetry: Telemetry,
  start: (log: Log) => Promise<AsyncDisposable>,
): Promise<void> {
  const { log } = telemetry;
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  try {
    const part = await start(log);
    const signal = await stopped;
    log.info({ signal }, 'ending');
    setTimeout(() => process.exit(0), GRACE_MS).unref();
    await part[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
    process.exit(0);
  } catch (error) {
    log.fatal({ err: error }, 'could not be started');
    process.exit(1);
  }
}
