import { createServer } from 'node:http';
import { canUse } from '@assay/policy';
import type { Access } from './access/port.ts';
import { createAdmit, DEFAULT_MANNERS, type Manners } from './admission.ts';
import { startApollo } from './apollo.ts';
import { createDocuments } from './documents.ts';
import { principals } from './doors/askers.ts';
import { createCors } from './doors/cors.ts';
import { counted } from './doors/counted.ts';
import { answerGraphql, type GraphqlDoor } from './doors/graphql.ts';
import { createHealth, isHealthPath, type Probe } from './doors/health.ts';
import type { LiveDoor } from './doors/live.ts';
import { createPages, type PagesOptions } from './doors/pages.ts';
import { answerEvents, wantsEvents } from './doors/sse.ts';
import { openWebSocketDoor, type SocketTimes } from './doors/websocket.ts';
import type { Engine } from './engine/index.ts';
import type { PresentError } from './errors.ts';
import { createFanOut } from './fan-out/fan-out.ts';
import { type IsLatestOnly, readLatestOnly } from './fan-out/latest-only.ts';
import { createCosts } from './limits/cost/cost.ts';
import { type CostRules, DEFAULT_COST_RULES } from './limits/cost/rules.ts';
import { DEFAULT_LIMITS, type Limits } from './limits/limits.ts';
import { close, listenLocally } from './listen.ts';
import type { Meters } from './meters.ts';
import { createFindDocument, type PersistedOptions } from './persisted/find.ts';
import { createPipeline, type PipelineOptions, type Route } from './pipeline.ts';
import type { RateMeter } from './rate/meter.ts';
import { DEFAULT_DEADLINE_MS } from './request-time.ts';
import { createSuccession, type Generation } from './supergraph/succession.ts';
import { classOf, type FetchContext } from './transport.ts';

export interface ServerOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Where browsers find the gateway; its host is one of our names. */
  readonly publicUrl: string;
  /** Of other sites whose pages may read our answers. */
  readonly origins?: readonly string[];
  readonly engine: Engine<FetchContext>;
  readonly supergraphSdl: string;
  readonly access: Access;
  /** Of a document; `DEFAULT_LIMITS` when left out. */
  readonly limits?: Limits;
  /** Of an operation's cost; `DEFAULT_COST_RULES` when left out. */
  readonly costRules?: CostRules;
  readonly manners?: Manners;
  /** Documents by their identifiers; when left out there are none. */
  readonly persisted?: PersistedOptions;
  /** When left out nobody counts. */
  readonly rates?: RateMeter;
  /** After it nobody waits for an answer; streams have none. */
  readonly deadlineMs?: number;
  /** How long silent sockets are borne; `SOCKET_TIMES` when left out. */
  readonly socketTimes?: SocketTimes;
  /** Requests that one body may hold as a list; none when left out. */
  readonly maxBatch?: number;
  readonly present: PresentError;
  readonly meters: Meters;
  readonly probes: Readonly<Record<string, Probe>>;
  readonly pages: Omit<PagesOptions, 'publicUrl'>;
  /** Doors that others bring: login and its kin, the moderation preview. */
  readonly routes: readonly Route[];
  readonly report: PipelineOptions['report'];
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly sockets: () => number;
  /** Serves another supergraph from now on; what is under way ends with the last one. @throws when it cannot be served */
  succeed(next: Served): Promise<void>;
}

/** A supergraph, and the engine over it. */
export type Served = Pick<ServerOptions, 'engine' | 'supergraphSdl'>;

/** Streams of subgraphs end within so long after another supergraph is served, and then within as much again their readers are told. */
const SPREAD_MS = 1_000;
const FILES_GO = 'Send the form of createUpload to its url.';
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Opens every door of the gateway on 127.0.0.1 and ::1, both of which browsers call localhost. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { access, present, meters, rates = null, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  const hosts = new Set([new URL(options.publicUrl).host]);
  const admit = createAdmit(options.manners ?? DEFAULT_MANNERS, rates, meters);
  const succession = createSuccession<FetchContext, ServedGeneration>(await openGeneration(options, options), {
    deadlineMs,
    spreadMs: SPREAD_MS,
  });
  const { engine, findDocument } = succession;
  const fanOut = createFanOut(engine, {
    classOf,
    onSource: (change) => meters.sources.inc(change),
    isLatestOnly: (...asked) => succession.now().isLatestOnly(...asked),
    spreadMs: SPREAD_MS,
  });
  const ending = new AbortController();
  const live: LiveDoor<FetchContext> = {
    ...{ engine, fanOut, findDocument, admit, rates, deadlineMs, present, meters },
    askers: principals(access),
    ending: ending.signal,
  };
  const askerOf: GraphqlDoor<FetchContext>['askerOf'] = async (facts, endsAt) => {
    const principal = await access.principalOf(facts);
    const mayReadPlans = canUse(principal, 'plan:read').allowed;
    return { context: { principal, endsAt }, subject: principal.subject, mayReadPlans };
  };
  const { maxBatch = 0 } = options;
  const graphql = (): GraphqlDoor<FetchContext> => {
    const { apollo: server, findDocument } = succession.now();
    return { server, findDocument, admit, rates, deadlineMs, maxBatch, askerOf, present, filesGo: FILES_GO };
  };
  const routes = routesOf(options, graphql, live);
  const pipeline = createPipeline({
    hosts,
    routes,
    cors: createCors(options.origins ?? []),
    isHttps: options.publicUrl.startsWith('https:'),
    meters,
    report: options.report,
  });
  const create = () => createServer((...pair) => void pipeline(...pair));
  const { port, servers } = await listenLocally(create, options.port);
  for (const name of LOCAL_NAMES) hosts.add(new URL(`http://${name}:${port}`).host);
  const sockets = servers.map((server) => openWebSocketDoor(live, server, hosts, options.socketTimes));
  return {
    url: `http://localhost:${port}`,
    sockets: () => sockets.reduce((sum, door) => sum + door.connections(), 0),
    succeed: async (next) => succession.succeed(await openGeneration(options, next)),
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.all(sockets.map((door) => door[Symbol.asyncDispose]()));
      await Promise.all(servers.map(close));
      await succession[Symbol.asyncDispose]();
    },
  };
}

interface ServedGeneration extends Generation<FetchContext> {
  readonly apollo: Awaited<ReturnType<typeof startApollo<FetchContext>>>;
  readonly isLatestOnly: IsLatestOnly;
}

/** All that is made from one supergraph. */
async function openGeneration(options: ServerOptions, { engine, supergraphSdl }: Served): Promise<ServedGeneration> {
  const { present, limits = DEFAULT_LIMITS, costRules = DEFAULT_COST_RULES } = options;
  const costs = createCosts(supergraphSdl, engine.schema, costRules);
  const documents = createDocuments(engine.schema, limits, costs, options.meters);
  const apollo = await startApollo(engine, supergraphSdl, present);
  return {
    engine,
    findDocument: createFindDocument(documents, options.persisted),
    apollo,
    isLatestOnly: readLatestOnly(supergraphSdl),
    [Symbol.asyncDispose]: () => apollo.stop(),
  };
}

function routesOf(
  options: ServerOptions,
  graphql: () => GraphqlDoor<FetchContext>,
  live: LiveDoor<FetchContext>,
): readonly Route[] {
  const health = createHealth(options.probes);
  const pages = createPages({ ...options.pages, publicUrl: options.publicUrl });
  return [
    {
      name: 'events',
      isQuiet: true,
      matches: (path, request) => path === '/graphql' && wantsEvents(request),
      answer: (...request) => answerEvents(live, ...request),
    },
    {
      name: 'graphql',
      matches: (path) => path === '/graphql',
      answer: (...request) => answerGraphql(graphql(), ...request),
    },
    {
      name: 'health',
      isQuiet: true,
      matches: isHealthPath,
      answer: (_facts, ...pair) => health.answer(...pair),
    },
    ...options.routes.map((route) => counted(route, live.rates)),
    {
      name: 'pages',
      isQuiet: true,
      matches: () => true,
      answer: (_facts, request, response) => pages(request, response),
    },
  ];
}
