import { isTracing, type Log } from '@assay/telemetry';
import { startApollo } from '../apollo.ts';
import { createDocuments } from '../documents.ts';
import { createEngine, createShareInFlight, openPlanner, type PlannerName } from '../engine/index.ts';
import type { PresentError } from '../errors.ts';
import { type IsLatestOnly, readLatestOnly } from '../fan-out/latest-only.ts';
import { createCosts } from '../limits/cost/cost.ts';
import { ANYBODYS_COST_RULES } from '../limits/cost/rules.ts';
import { DEFAULT_LIMITS } from '../limits/limits.ts';
import { gatherFailures } from '../mesh/gathering.ts';
import type { Meters } from '../meters.ts';
import { tellFailures, timeFetches, watchFetches } from '../observation/fetches.ts';
import { watchOperations } from '../observation/operations.ts';
import { watchPlans } from '../observation/plans.ts';
import { createFindDocument } from '../persisted/find.ts';
import { NO_MANIFEST } from '../persisted/manifest.ts';
import { endWithRequest } from '../request-time.ts';
import { resilient } from '../resilience.ts';
import type { Supergraph } from '../supergraph/read.ts';
import type { Generation } from '../supergraph/succession.ts';
import { classOf } from './askers.ts';
import { createHttpTransport, type RouterContext } from './http-transport.ts';
import type { RouterOptions } from './options.ts';
import { socketsOf } from './stream-over.ts';

/** All that a router makes of one supergraph. Disposing it lets fetches end that are under way. */
export interface RouterGeneration extends Generation<RouterContext> {
  readonly server: Awaited<ReturnType<typeof startApollo<RouterContext>>>;
  readonly isLatestOnly: IsLatestOnly;
}

/** @throws Error when the supergraph cannot be planned with */
export async function openRouterGeneration(
  { sdl, subgraphs }: Supergraph,
  options: RouterOptions,
  present: PresentError,
  log: Log,
  meters?: Meters,
): Promise<RouterGeneration> {
  await using stack = new AsyncDisposableStack();
  const isWatched = isTracing() || meters !== undefined;
  const share = createShareInFlight<RouterContext>(classOf);
  const transports = Object.fromEntries(
    Object.entries(subgraphs).map(([name, url]) => {
      const { subgraphTimeoutMs: patienceMs, maxAnswerBytes } = options;
      const sent = stack.use(
        createHttpTransport({
          ...{ url, patienceMs, maxAnswerBytes, sockets: socketsOf(options, name, url) },
          report: gatherFailures(({ count, reason }) =>
            log.warn({ subgraph: name, streams: count, reason }, 'streams were broken off, or did not open'),
          ),
        }),
      );
      const told = tellFailures(
        sent,
        gatherFailures(({ count, reason }) => log.warn({ subgraph: name, fetches: count, reason }, 'fetches failed')),
      );
      const transport = resilient(meters ? timeFetches(name, told, meters) : told);
      // Alone, a fetch ends with its request by itself.
      const asked = options.shareInFlight ? endWithRequest(share(name, transport)) : transport;
      return [name, isWatched ? watchFetches(name, asked, meters) : asked];
    }),
  );
  const planner = openPlanner(sdl, { name: plannerOf(options), report: (line, err) => log.warn({ err }, line) });
  const unwatched = createEngine<RouterContext>({
    supergraphSdl: sdl,
    ...(meters ? watchPlans<RouterContext>(planner, meters) : { planner }),
    transports,
    classOf,
    introspection: options.introspection,
  });
  const engine = isWatched ? watchOperations(unwatched, NO_MANIFEST, meters) : unwatched;
  const costRules = { ...ANYBODYS_COST_RULES, maximum: options.maxCost };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const documents = createDocuments(engine.schema, limits, createCosts(sdl, engine.schema, costRules), meters);
  const server = await startApollo(engine, sdl, present);
  stack.defer(() => server.stop());
  const held = stack.move();
  return {
    engine,
    server,
    findDocument: createFindDocument(documents),
    isLatestOnly: readLatestOnly(sdl),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

export function plannerOf({ planner = 'native' }: RouterOptions): PlannerName {
  return planner;
}
