import { parseRouterOptions, ROUTER_USAGE } from '@assay/gateway/router/options';
import { startRouter } from '@assay/gateway/router/router';
import { endOnSignals } from '../ending.ts';

/** `npm run router`: the engine alone over anybody's supergraph, until it is told to end. */
export async function router(args: readonly string[]): Promise<number> {
  const options = parseRouterOptions(args);
  if (!options) {
    process.stdout.write(`${ROUTER_USAGE}\n`);
    return 0;
  }
  using ending = endOnSignals();
  await using running = await startRouter(options);
  process.stdout.write(`router        ${running.url}/graphql, over ${running.subgraphs.join(', ')}\n`);
  if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener('abort', resolve));
  return 0;
}
