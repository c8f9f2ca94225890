import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { Connection, Edge } from '../app.ts';
import type { Meters } from '../meters.ts';
import { networkOf, sourceOf } from '../redeemer.ts';
import { routeOf } from '../seen.ts';

export interface NodeServer extends AsyncDisposable {
  readonly url: string;
}

/** Time limits against clients that hold a connection without using it. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MOST_CONNECTIONS = 4_000;
/** Downloads that still run at the end are cut after this. */
const GRACE_MS = 3_000;

/** One object a socket, so that what an address stands for is worked out once. */
const connections = new WeakMap<Socket, Connection>();

/** The connection behind a request that came through `@hono/node-server`. */
export function nodeConnection(env: unknown): Connection {
  return connectionOf((env as HttpBindings).incoming.socket);
}

/** What the edge knows of a socket's other end. */
export function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known) return known;
  const address = socket.remoteAddress ?? '';
  const connection: Connection = {
    network: networkOf(address),
    source: sourceOf(address),
    hangUp: () => socket.resetAndDestroy().destroyed,
  };
  connections.set(socket, connection);
  return connection;
}

/** Takes a request on itself, answer and failure, and says so; or leaves it to the app untouched. */
export type Shortcut = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export interface ListenOptions {
  readonly shortcut: Shortcut;
  readonly meters: Pick<Meters, 'requests'>;
  /** 0 for any. */
  readonly port: number;
  readonly hostname: string;
}

/** Serves the app over `node:http`. */
export async function listen(app: Edge, { shortcut, meters, port, hostname }: ListenOptions): Promise<NodeServer> {
  const answer = getRequestListener(app.fetch);
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: 8_192 }, (incoming, outgoing) => {
    const from = performance.now();
    const { method = '', url = '' } = incoming;
    outgoing.once('close', () => {
      const labels = {
        http_request_method: method,
        http_route: routeOf(url) ?? 'other',
        http_response_status_code: outgoing.statusCode,
      };
      meters.requests.observe(labels, (performance.now() - from) / 1_000);
    });
    if (!shortcut(incoming, outgoing)) void answer(incoming, outgoing);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, hostname, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${hostname}:${bound}`, [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(cut);
}
