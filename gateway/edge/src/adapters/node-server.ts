import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Connection } from '../app.ts';
import { networkOf, sourceOf } from '../redeemer.ts';

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
  const { socket } = (env as HttpBindings).incoming;
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

/**
 * Serves the app over `node:http`.
 *
 * @param port 0 for any
 */
export async function listen(app: Hono, port: number, hostname: string): Promise<NodeServer> {
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve(
      { fetch: app.fetch, port, hostname, serverOptions: { ...TIMEOUTS, maxHeaderSize: 8_192 } },
      () => resolve(started),
    ) as Server;
    started.once('error', reject);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${hostname}:${bound}`, [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(cut);
}
