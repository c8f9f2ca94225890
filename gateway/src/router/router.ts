import { createServer } from 'node:http';
import { createLog, createMetrics, openMetricsDoor } from '@assay/telemetry';
import type { RequestFacts } from '../access/port.ts';
import { createAdmit, DEFAULT_MANNERS } from '../admission.ts';
import { answerGraphql } from '../doors/graphql.ts';
import { createHealth, isHealthPath } from '../doors/health.ts';
import { createPresentError } from '../errors.ts';
import { close, listenLocally } from '../listen.ts';
import { openMeters } from '../meters.ts';
import { createPipeline, type Route } from '../pipeline.ts';
import { DEFAULT_DEADLINE_MS } from '../request-time.ts';
import { readSupergraph, type Supergraph } from '../supergraph/read.ts';
import { createSuccession } from '../supergraph/succession.ts';
import { verifyApart } from '../supergraph/verify-apart.ts';
import { lookMsOf, tellSuccession, watchSupergraph } from '../supergraph/watch.ts';
import { openRouterGeneration, plannerOf, type RouterGeneration } from './generation.ts';
import type { RouterContext } from './http-transport.ts';
import type { RouterOptions } from './options.ts';

/** A router that answers. */
export interface RunningRouter extends AsyncDisposable {
  /** Such as `http://localhost:4100`; GraphQL is at `/graphql`. */
  readonly url: string;
  /** Names of the subgraphs that it asks. */
  readonly subgraphs: readonly string[];
  /** Where its figures are; null: it keeps none. */
  readonly metricsUrl: string | null;
}

/**
 * Starts the engine over a supergraph of anybody's: client, door, engine, subgraphs over HTTP. Who asks is nobody's business here;
 * subgraphs get of the client's headers what is named, and nothing else.
 *
 * @throws Error when the supergraph cannot be read, planned with, or the port is taken
 */
export async function startRouter(options: RouterOptions, log = createLog('router')): Promise<RunningRouter> {
  const { supergraph: place } = options;
  const supergraph = await readSupergraph(place);
  await using stack = new AsyncDisposableStack();
  const metrics = options.metricsPort === undefined ? null : createMetrics();
  const meters = metrics ? openMeters(metrics) : undefined;
  const figures = metrics ? stack.use(await openMetricsDoor(metrics, options.metricsPort ?? 0)) : null;
  const present = createPresentError(log, meters);
  const open = (next: Supergraph) => openRouterGeneration(next, options, present, log, meters);
  const succession = stack.use(
    createSuccession<RouterContext, RouterGeneration>(await open(supergraph), { deadlineMs: DEFAULT_DEADLINE_MS }),
  );
  stack.use(
    watchSupergraph({
      place,
      serving: supergraph.sdl,
      lookMs: lookMsOf(place),
      take: async (next) => {
        await verifyApart({ sdl: next.sdl, planner: plannerOf(options), documents: [] });
        succession.succeed(await open(next));
      },
      told: tellSuccession(place, log, meters),
    }),
  );
  const admit = createAdmit(DEFAULT_MANNERS, null, meters);
  const askerOf = async (facts: RequestFacts) => ({
    context: { headers: forwarded(facts, options.forwardHeaders) },
    subject: null,
  });
  const hosts = new Set<string>();
  const pipeline = createPipeline({
    hosts,
    routes: routesOf((...request) => {
      const { server, findDocument } = succession.now();
      return answerGraphql(
        { server, findDocument, admit, rates: null, deadlineMs: DEFAULT_DEADLINE_MS, maxBatch: 0, askerOf, present },
        ...request,
      );
    }),
    report: (err, { requestId }) => log.error({ err, requestId }, 'the door failed'),
  });
  const { port, servers } = await listenLocally(() => createServer((...pair) => void pipeline(...pair)), options.port);
  stack.defer(async () => void (await Promise.all(servers.map(close))));
  for (const name of ['localhost', '127.0.0.1', '[::1]']) hosts.add(new URL(`http://${name}:${port}`).host);
  const held = stack.move();
  return {
    url: `http://localhost:${port}`,
    subgraphs: Object.keys(supergraph.subgraphs),
    metricsUrl: figures?.url ?? null,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function routesOf(graphql: Route['answer']): readonly Route[] {
  // What could be missing was there when it started: a router that listens can plan.
  const health = createHealth({});
  return [
    { matches: (path) => path === '/graphql', answer: graphql },
    { matches: isHealthPath, answer: (_facts, ...pair) => health.answer(...pair) },
  ];
}

function forwarded({ headers }: RequestFacts, names: readonly string[]): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) chosen[name] = value;
  }
  return chosen;
}
