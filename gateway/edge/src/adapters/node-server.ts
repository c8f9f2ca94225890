import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Connection } from '../app.ts';

export interface NodeServer extends AsyncDisposable {
  readonly url: string;
}

/** Time limits against clients that hold a connection without using it. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 };
const MOST_CONNECTIONS = 4_000;
/** Downloads that still run at the end are cut after this. */
const GRACE_MS = 3_000;

/** The connection behind a request that came through `@hono/node-server`. */
export function nodeConnection(env: unknown): Connection {
  const { incoming } = env as HttpBindings;
  const { socket } = incoming;
  return { address: socket.remoteAddress ?? '', hangUp: () => socket.resetAndDestroy() };
}

/**
 * Serves the app over `node:http`.
 *
 * @param port 0 for any
 */
export async function listen(app: Hono, port: number, hostname: string): Promise<NodeServer> {
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch: app.fetch, port, hostname, serverOptions: { ...TIMEOUTS, maxHeaderSize: 8_192 } }, () =>
      resolve(started),
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
