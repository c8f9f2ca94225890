import { createServer, type Server } from 'node:http';
import type { Access } from './access/port.ts';
import { startApollo } from './apollo.ts';
import { createDocuments } from './documents.ts';
import { answerGraphql } from './doors/graphql.ts';
import { createHealth, type Probe } from './doors/health.ts';
import type { LiveDoor } from './doors/live.ts';
import { close, listen } from './doors/metrics.ts';
import { createPages, type PagesOptions } from './doors/pages.ts';
import { answerEvents, wantsEvents } from './doors/sse.ts';
import { openWebSocketDoor } from './doors/websocket.ts';
import type { Engine } from './engine/index.ts';
import type { PresentError } from './errors.ts';
import { createPipeline, type PipelineOptions, type Route } from './pipeline.ts';
import type { FetchContext } from './transport.ts';

export interface ServerOptions {
  readonly port: number;
  readonly engine: Engine<FetchContext>;
  readonly supergraphSdl: string;
  readonly access: Access;
  readonly present: PresentError;
  readonly probes: Readonly<Record<string, Probe>>;
  readonly pages: PagesOptions;
  /** Doors that others bring: login and its kin, the moderation preview. */
  readonly routes: readonly Route[];
  readonly report: PipelineOptions['report'];
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly sockets: () => number;
}

/** Opens every door of the gateway on 127.0.0.1 and ::1, both of which browsers call localhost. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { port, engine, access, present } = options;
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`));
  const apollo = await startApollo(engine, options.supergraphSdl, present);
  const live: LiveDoor = { engine, documents: createDocuments(engine.schema), access, present };
  const pipeline = createPipeline({ hosts, routes: routesOf(options, apollo, live), report: options.report });
  const servers = ['127.0.0.1', '::1'].map((host) => ({
    host,
    server: createServer((...pair) => void pipeline(...pair)),
  }));
  const doors = servers.map(({ server }) => openWebSocketDoor(live, limited(server), hosts));
  for (const { host, server } of servers) {
    await listen(server, port, host).catch((error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no ::1 to listen on.
      if (host !== '::1' || error.code !== 'EADDRNOTAVAIL') throw error;
    });
  }
  return {
    url: `http://localhost:${port}`,
    sockets: () => doors.reduce((sum, door) => sum + door.connections(), 0),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()));
      await Promise.all(servers.map(({ server }) => (server.listening ? close(server) : undefined)));
      await apollo.stop();
    },
  };
}

/** Times in which a request has to arrive (RFC 9110 leaves them to us): a slow sender holds no socket for long. */
function limited(server: Server): Server {
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  return server;
}

function routesOf(
  options: ServerOptions,
  apollo: Awaited<ReturnType<typeof startApollo>>,
  live: LiveDoor,
): readonly Route[] {
  const health = createHealth(options.probes);
  const pages = createPages(options.pages);
  const { access, present } = options;
  return [
    {
      matches: (path, request) => path === '/graphql' && wantsEvents(request),
      answer: (...request) => answerEvents(live, ...request),
    },
    {
      matches: (path) => path === '/graphql',
      answer: (...request) => answerGraphql({ server: apollo, access, present }, ...request),
    },
    { matches: (path) => path === '/health/live', answer: (_facts, _request, response) => health.live(response) },
    {
      matches: (path) => path === '/health/ready',
      answer: (_facts, request, response) => health.ready(request, response),
    },
    ...options.routes,
    { matches: () => true, answer: (_facts, request, response) => pages(request, response) },
  ];
}
