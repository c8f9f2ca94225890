import { OTLP_PORT, startViewer } from '../../observability/viewer.ts';
import { endOnSignals } from '../ending.ts';

/** `npm run traces`: takes traces and shows them, until it is told to end. */
export async function traces(_args: readonly string[]): Promise<number> {
  using ending = endOnSignals();
  await using viewer = await startViewer(OTLP_PORT);
  process.stdout.write(
    `traces        ${viewer.url}, of whatever is started with OTEL_EXPORTER_OTLP_ENDPOINT=${viewer.url}\n`,
  );
  if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener('abort', resolve));
  return 0;
}
