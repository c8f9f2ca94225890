import { fileURLToPath } from 'node:url';
import { createPrincipalSigner } from '@assay/principal';
import { createLog, createMetrics, type Log, openMetricsDoor } from '@assay/telemetry';
import type { DocumentNode } from 'graphql';
import { Redis } from 'ioredis';
import { openAccess } from './access/open.ts';
import type { Access } from './access/port.ts';
import { createUserLookup } from './access/user.ts';
import type { Environment, GatewayConfig } from './config.ts';
import { createModerationPreviewRoute } from './doors/moderation-preview.ts';
import { createSignInRoutes } from './doors/sign-in-routes.ts';
import { createEngine, createShareInFlight, type Engine, openPlanner, type Transport } from './engine/index.ts';
import { createPresentError } from './errors.ts';
import { openMesh } from './mesh/open.ts';
import { type Meters, openMeters } from './meters.ts';
import { watchFetches } from './observation/fetches.ts';
import { watchOperations } from './observation/operations.ts';
import { watchPlans } from './observation/plans.ts';
import { createRedisDocuments } from './persisted/automatic.ts';
import { type Manifest, readManifest } from './persisted/manifest.ts';
import { createProbes } from './probes.ts';
import { createRateMeter, type RateMeter } from './rate/meter.ts';
import { createRates } from './rate/rates.ts';
import { createRedisWindows } from './rate/window.ts';
import { endWithRequest } from './request-time.ts';
import { resilient } from './resilience.ts';
import { type RunningServer, type Served, startServer } from './server.ts';
import { type EachSubgraph, openSubgraphs, type SubgraphName, type Subgraphs } from './subgraphs.ts';
import { readSupergraph, type Supergraph } from './supergraph/read.ts';
import { verifyApart } from './supergraph/verify-apart.ts';
import { lookMsOf, tellSuccession, verifyKnown, watchSupergraph } from './supergraph/watch.ts';
import { callerOf, classOf, type FetchContext, watchTransport } from './transport.ts';

const SUPERGRAPH = fileURLToPath(new URL('../../codegen/supergraph.graphql', import.meta.url));
const MANIFEST = fileURLToPath(new URL('../../codegen/persisted-documents.json', import.meta.url));
const CONSOLE = fileURLToPath(new URL('../console/dist', import.meta.url));

/** A gateway whose doors are open. */
export interface RunningGateway extends Pick<RunningServer, 'url' | 'sockets'>, AsyncDisposable {
  /** Looks for another supergraph now, and has it taken when it is good. */
  look(): Promise<void>;
}

/** The only composition root: from configuration to a gateway whose doors are open. */
export async function startGateway(
  config: GatewayConfig,
  env: Environment,
  log = createLog('gateway'),
): Promise<RunningGateway> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.adopt(connect(config.redisUrl, log), async (client) => client.disconnect());
  const subscriber = stack.adopt(connect(config.redisUrl, log), async (client) => client.disconnect());
  const counters = stack.adopt(connect(config.limitsRedisUrl, log, LIMITS_PATIENCE_MS), async (client) =>
    client.disconnect(),
  );
  const subgraphs = stack.use(
    config.mesh ? await openMesh(config.mesh, config, log) : await openSubgraphs(config, env, log),
  );
  const { access, doors } = stack.use(
    openAccess(config.access, {
      sessions: subgraphs.sessions,
      subscriber,
      describeUser: createUserLookup(subgraphs.transports.identity),
      report: (what, err) => log.warn({ err }, what),
    }),
  );
  const metrics = createMetrics();
  const meters = openMeters(metrics);
  const manifest = readManifest(MANIFEST);
  const transports = openTransports(subgraphs, meters, log);
  const serve = (supergraphSdl: string): Served => ({
    supergraphSdl,
    engine: openEngine(supergraphSdl, transports, manifest, config, meters, log),
  });
  const place = config.supergraph ?? SUPERGRAPH;
  const { sdl } = await readSupergraph(place);
  let served = serve(sdl);
  const started = Promise.withResolvers<RunningServer>();
  const succeed = async (next: Supergraph) => {
    verifyKnown(next, Object.keys(transports));
    await verifyApart({ sdl: next.sdl, planner: config.planner, documents: [...manifest.values()] });
    const successor = serve(next.sdl);
    await (await started.promise).succeed(successor);
    served = successor;
  };
  const lookMs = config.supergraph === undefined ? null : lookMsOf(place);
  const told = tellSuccession(place, log, meters);
  const supergraph = stack.use(watchSupergraph({ place, serving: sdl, lookMs, take: succeed, told }));
  const engine = { verifyPlans: (document: DocumentNode) => served.engine.verifyPlans(document) };
  const { handlers } = subgraphs;
  stack.use(await openMetricsDoor(metrics, config.listen.metricsPort));
  const server = stack.use(
    await startServer({
      ...doorsOf(config, { counters, manifest, access, meters, log }),
      ...served,
      probes: createProbes({ engine, supergraph, handlers, redis, urls: config.urls }),
      routes: [...createSignInRoutes(doors), previewRoute(config, access)],
    }),
  );
  started.resolve(server);
  const held = stack.move();
  const { url, sockets } = server;
  return { url, sockets, look: supergraph.look, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

interface DoorParts {
  /** Redis, for what is counted and kept of requests. */
  readonly counters: Redis;
  readonly manifest: Manifest;
  readonly access: Access;
  readonly meters: Meters;
  readonly log: Log;
}

/** What holds for every door, whichever supergraph is served. */
function doorsOf(config: GatewayConfig, { counters, manifest, access, meters, log }: DoorParts) {
  return {
    port: config.listen.port,
    publicUrl: config.urls.public,
    origins: config.access.origins,
    access,
    costRules: config.costRules,
    manners: config.manners,
    persisted: {
      manifest,
      automatic: createRedisDocuments(counters),
      onlyListed: config.onlyListedDocuments,
      report: (what: string, err: unknown) => log.warn({ err }, what),
    },
    maxBatch: config.maxBatch,
    deadlineMs: config.deadlineMs,
    rates: openRates(config, counters, log),
    present: createPresentError(log, meters),
    meters,
    pages: { folder: config.consoleDist ?? CONSOLE, edgeOrigin: config.urls.edge, storeOrigin: config.urls.store },
    report: (err: unknown, { requestId }: { readonly requestId: string }) =>
      log.error({ err, requestId }, 'a door failed'),
  };
}

function openRates({ rates: { policies, whenAway } }: GatewayConfig, counters: Redis, log: Log): RateMeter {
  const report = (err: unknown) => log.warn({ err }, 'rates could not be counted');
  return createRateMeter(policies, createRates({ windows: createRedisWindows(counters), whenAway, report }));
}

function previewRoute({ urls, principalKeys }: GatewayConfig, access: Access) {
  const sign = createPrincipalSigner(principalKeys.moderation, 'moderation');
  return createModerationPreviewRoute({ access, moderationUrl: urls.moderation, sign });
}

/** The way to each subgraph, with all that is between; the same for every supergraph that is served. */
function openTransports(subgraphs: Subgraphs, meters: Meters, log: Log): EachSubgraph<Transport<FetchContext>> {
  const within = (name: SubgraphName) => {
    const watched = watchTransport(name, subgraphs.transports[name], meters, (err, { principal: { requestId } }) =>
      log.warn({ err, requestId, subgraph: name }, 'a fetch failed'),
    );
    return resilient(watched);
  };
  const share = createShareInFlight(classOf);
  const asked = (name: SubgraphName, transport: Transport<FetchContext>) =>
    watchFetches(name, endWithRequest(transport), meters);
  return {
    identity: asked('identity', share('identity', within('identity'))),
    media: asked('media', share('media', within('media'))),
    licensing: asked('licensing', share('licensing', within('licensing'))),
    // Each reading of the trail is an entry of it.
    compliance: asked('compliance', within('compliance')),
  };
}

function openEngine(
  supergraphSdl: string,
  transports: EachSubgraph<Transport<FetchContext>>,
  manifest: Manifest,
  { planner: name, introspection }: GatewayConfig,
  meters: Meters,
  log: Log,
): Engine<FetchContext> {
  const planner = openPlanner(supergraphSdl, { name, report: (line, err) => log.warn({ err }, line) });
  const engine = createEngine({
    supergraphSdl,
    ...watchPlans<FetchContext>(planner, meters),
    transports,
    callerOf,
    classOf,
    introspection,
  });
  return watchOperations(engine, manifest, meters);
}

/** What requests wait for answers soon or counts as away; it writes to disk, which a busy disk may take a second for. */
const LIMITS_PATIENCE_MS = 2_000;

function connect(url: string, log: Log, commandTimeout?: number): Redis {
  const client = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    ...(commandTimeout === undefined ? {} : { commandTimeout }),
  });
  client.on('error', (err) => log.warn({ err }, 'redis is away'));
  return client;
}
