import { parseRouterOptions, ROUTER_USAGE } from '@assay/gateway/router/options';
import { startRouter } from '@assay/gateway/router/router';
import { startTelemetry } from '@assay/telemetry';
import { endOnSignals } from '../ending.ts';
import { readEnv } from '../env.ts';

/** `npm run router`: the engine alone over anybody's supergraph, until it is told to end. */
export async function router(args: readonly string[]): Promise<number> {
  const options = parseRouterOptions(args);
  if (!options) {
    process.stdout.write(`${ROUTER_USAGE}\n`);
    return 0;
  }
  let look: (() => Promise<void>) | undefined;
  using ending = endOnSignals({ onHangup: () => void look?.() });
  await using telemetry = await startTelemetry('router', readEnv());
  await using running = await startRouter(options, telemetry.log);
  look = running.look;
  process.stdout.write(`router        ${running.url}/graphql, over ${running.subgraphs.join(', ')}\n`);
  if (running.metricsUrl) process.stdout.write(`figures       ${running.metricsUrl}\n`);
  if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener('abort', resolve));
  return 0;
}
