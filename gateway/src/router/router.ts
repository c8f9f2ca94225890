import { createServer } from 'node:http';
import { createLog, createMetrics, openMetricsDoor } from '@assay/telemetry';
import { createAdmit, DEFAULT_MANNERS } from '../admission.ts';
import { answerGraphql } from '../doors/graphql.ts';
import { createHealth, isHealthPath } from '../doors/health.ts';
import type { LiveDoor } from '../doors/live.ts';
import { answerEvents, wantsEvents } from '../doors/sse.ts';
import { openWebSocketDoor } from '../doors/websocket.ts';
import { createPresentError } from '../errors.ts';
import { createFanOut } from '../fan-out/fan-out.ts';
import { close, listenLocally } from '../listen.ts';
import { openMeters } from '../meters.ts';
import { createPipeline, type Route } from '../pipeline.ts';
import { DEFAULT_DEADLINE_MS } from '../request-time.ts';
import { readSupergraph, type Supergraph } from '../supergraph/read.ts';
import { createSuccession } from '../supergraph/succession.ts';
import { verifyApart } from '../supergraph/verify-apart.ts';
import { lookMsOf, tellSuccession, type WatchedSupergraph, watchSupergraph } from '../supergraph/watch.ts';
import { headerBearers } from './askers.ts';
import { openRouterGeneration, plannerOf, type RouterGeneration } from './generation.ts';
import type { RouterContext } from './http-transport.ts';
import type { RouterOptions } from './options.ts';
import { verifyStreamOver } from './stream-over.ts';

/** Within so long a crowd is told that its stream has ended, one after the other. */
const SPREAD_MS = 1_000;

/** A router that answers. */
export interface RunningRouter extends AsyncDisposable {
  /** Such as `http://localhost:4100`; GraphQL is at `/graphql`. */
  readonly url: string;
  /** Names of the subgraphs that it asks. */
  readonly subgraphs: readonly string[];
  /** Where its figures are; null: it keeps none. */
  readonly metricsUrl: string | null;
  /** Looks now for another supergraph, and tries once more what was refused. */
  look(): Promise<void>;
}

/**
 * Starts the engine over a supergraph of anybody's: client, door, engine, subgraphs over HTTP. Who asks is nobody's business here;
 * subgraphs get of the client's headers what is named, and nothing else. Subscriptions come over WebSocket or as server-sent events.
 *
 * @throws Error when the supergraph cannot be read, planned with, lacks a subgraph that an option names, or the port is taken
 */
export async function startRouter(options: RouterOptions, log = createLog('router')): Promise<RunningRouter> {
  const { supergraph: place } = options;
  const supergraph = await readSupergraph(place);
  verifyStreamOver(options, supergraph);
  await using stack = new AsyncDisposableStack();
  const metrics = options.metricsPort === undefined ? null : createMetrics();
  const meters = metrics ? openMeters(metrics) : undefined;
  const figures = metrics ? stack.use(await openMetricsDoor(metrics, options.metricsPort ?? 0)) : null;
  const present = createPresentError(log, meters);
  const open = (next: Supergraph) => openRouterGeneration(next, options, present, log, meters);
  const succession = stack.use(
    createSuccession<RouterContext, RouterGeneration>(await open(supergraph), {
      ...{ deadlineMs: DEFAULT_DEADLINE_MS, spreadMs: SPREAD_MS },
    }),
  );
  const watched = stack.use(
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
  const askers = headerBearers(options.forwardHeaders);
  const { engine, findDocument } = succession;
  const ending = new AbortController();
  const live: LiveDoor<RouterContext> = {
    ...{ engine, findDocument, askers, present, meters, rates: null, deadlineMs: DEFAULT_DEADLINE_MS },
    admit: createAdmit(DEFAULT_MANNERS, null, meters),
    fanOut: createFanOut(engine, {
      classOf: askers.classOf,
      onSource: (change) => meters?.sources.inc(change),
      isLatestOnly: (...asked) => succession.now().isLatestOnly(...asked),
      spreadMs: SPREAD_MS,
    }),
    ending: ending.signal,
  };
  const hosts = new Set<string>();
  const pipeline = createPipeline({
    hosts,
    routes: routesOf(live, watched, (...request) =>
      answerGraphql({ ...live, ...succession.now(), maxBatch: 0, askerOf: askers.askerOf }, ...request),
    ),
    report: (err, { requestId }) => log.error({ err, requestId }, 'the door failed'),
  });
  const { port, servers } = await listenLocally(() => createServer((...pair) => void pipeline(...pair)), options.port);
  stack.defer(async () => void (await Promise.all(servers.map(close))));
  for (const name of ['localhost', '127.0.0.1', '[::1]']) hosts.add(new URL(`http://${name}:${port}`).host);
  const sockets = servers.map((server) => openWebSocketDoor(live, server, hosts));
  stack.defer(async () => void (await Promise.all(sockets.map((door) => door[Symbol.asyncDispose]()))));
  stack.defer(() => ending.abort());
  const held = stack.move();
  return {
    url: `http://localhost:${port}`,
    subgraphs: Object.keys(supergraph.subgraphs),
    metricsUrl: figures?.url ?? null,
    look: watched.look,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function routesOf(
  live: LiveDoor<RouterContext>,
  supergraph: Pick<WatchedSupergraph, 'standing'>,
  graphql: Route['answer'],
): readonly Route[] {
  // What else could be missing was there when it started: a router that listens can plan, and a bad supergraph hurts nobody.
  const health = createHealth({ supergraph: async () => ({ ...supergraph.standing(), isOptional: true }) });
  return [
    {
      matches: (path, request) => path === '/graphql' && wantsEvents(request),
      answer: (...request) => answerEvents(live, ...request),
    },
    { matches: (path) => path === '/graphql', answer: graphql },
    { matches: isHealthPath, answer: (_facts, ...pair) => health.answer(...pair) },
  ];
}
