import type { Log } from './log.ts';
import type { TraceSettings } from './settings.ts';
import { setRecorder } from './trace.ts';

/**
 * Looks on from now on, once a process. Where nobody collects, nothing of OpenTelemetry's is even loaded.
 *
 * @param part such as `gateway`: `service.name` of its spans
 * @returns what sends the last spans
 */
export async function startTraces(part: string, settings: TraceSettings | null, log: Log): Promise<AsyncDisposable> {
  if (!settings) return { [Symbol.asyncDispose]: async () => undefined };
  const { openRecorder } = await import('./otlp.ts');
  const recorder = openRecorder(part, settings, (message) => log.warn({ problem: message }, 'traces are not taken'));
  setRecorder(recorder);
  return {
    [Symbol.asyncDispose]: async () => {
      setRecorder(null);
      try {
        await recorder[Symbol.asyncDispose]();
      } catch (err) {
        log.warn({ err }, 'the last spans are lost');
      }
    },
  };
}
