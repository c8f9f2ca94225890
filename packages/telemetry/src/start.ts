import { createLog, type Log } from './log.ts';
import { parseTelemetry, type TraceSettings } from './settings.ts';
import { watchStatements } from './statements.ts';
import { setRecorder } from './trace.ts';

/** How a process is seen from outside. Disposing it sends the last spans. */
export interface Telemetry extends AsyncDisposable {
  readonly log: Log;
}

/**
 * The log and the traces of a process, once in it.
 *
 * @param part such as `gateway`: on each line, and `service.name` of its spans
 * @throws ZodError that names each variable that is wrong
 */
export async function startTelemetry(
  part: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Telemetry> {
  const { logLevel, traces } = parseTelemetry(env);
  const log = createLog(part, logLevel);
  const recording = await startTraces(part, traces, log);
  return { log, [Symbol.asyncDispose]: () => recording[Symbol.asyncDispose]() };
}

/** Looks on from now on. Where nobody collects, nothing of OpenTelemetry's is even loaded. */
export async function startTraces(part: string, settings: TraceSettings | null, log: Log): Promise<AsyncDisposable> {
  if (!settings) return { [Symbol.asyncDispose]: async () => undefined };
  const { openRecorder } = await import('./otlp.ts');
  const recorder = openRecorder(part, settings, (problem) => log.warn({ problem }, 'traces are not taken'));
  setRecorder(recorder);
  const statements = watchStatements();
  return {
    [Symbol.asyncDispose]: async () => {
      statements[Symbol.dispose]();
      setRecorder(null);
      try {
        await recorder[Symbol.asyncDispose]();
      } catch (err) {
        log.warn({ err }, 'the last spans are lost');
      }
    },
  };
}
