import { EventEmitter, on, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buildSchema } from 'graphql';
import type { Context } from 'graphql-ws';
import { type Extra, useServer as serveOver } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';

/** A stream that a test tells what to say. */
export interface Source {
  readonly request: IncomingMessage;
  /** The payload of `connection_init`. */
  readonly init: unknown;
  readonly socket: WebSocket;
  tell(id: number, title?: string): void;
  complete(): void;
  /** How many events were taken of it to be sent. */
  taken(): number;
  /** Resolves when whoever reads it has left. */
  readonly left: Promise<unknown>;
}

/** A subgraph that serves `stories` over WebSocket alone, by graphql-ws's own server. */
export interface SocketSubgraph extends AsyncDisposable {
  readonly port: number;
  readonly sources: Source[];
  /** What stands in for that server when it is set: a socket that says what the test says, or an upgrade that is not answered. */
  instead: { socket?: (socket: WebSocket) => void; upgrade?: (socket: Duplex) => void };
  /** Sockets that are open. */
  open(): number;
  /** Whether whoever says this in `connection_init` is let in. */
  isLetIn: (init: unknown) => boolean;
}

const SCHEMA =
  'type Query { latest: Story } type Subscription { stories(after: String): Story } type Story { id: ID! title: String }';

export async function startSocketSubgraph(): Promise<SocketSubgraph> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  const spoken = new WebSocketServer({ noServer: true });
  const held: Duplex[] = [];
  const raw = new WebSocketServer({ noServer: true });
  const subgraph: SocketSubgraph = {
    ...{ port: 0, sources: [], instead: {}, isLetIn: () => true },
    open: () => spoken.clients.size + raw.clients.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of [...spoken.clients, ...raw.clients]) socket.terminate();
      for (const socket of held) socket.destroy();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  serveOver(
    {
      schema: buildSchema(SCHEMA),
      onConnect: ({ connectionParams }) => subgraph.isLetIn(connectionParams),
      context: (context) => context,
      roots: { subscription: { stories: (_args: unknown, context: Asking) => openSource(subgraph.sources, context) } },
    },
    spoken,
  );
  http.on('upgrade', (request, socket, head) => {
    const { upgrade, socket: speak } = subgraph.instead;
    if (upgrade) {
      held.push(socket);
      return upgrade(socket);
    }
    const server = speak ? raw : spoken;
    server.handleUpgrade(request, socket, head, (opened) => {
      if (speak) speak(opened);
      else spoken.emit('connection', opened, request);
    });
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return Object.assign(subgraph, { port: (http.address() as AddressInfo).port });
}

type Asking = Context<Record<string, unknown>, Extra>;

function openSource(sources: Source[], { connectionParams, extra }: Asking): AsyncIterableIterator<unknown> {
  const says = new EventEmitter();
  const told = on(says, 'story', { close: ['complete'] });
  const left = Promise.withResolvers<void>();
  let taken = 0;
  sources.push({
    ...{ request: extra.request, socket: extra.socket, init: connectionParams, left: left.promise },
    tell: (id, title = `story ${id}`) => void says.emit('story', { stories: { id, title } }),
    complete: () => void says.emit('complete'),
    taken: () => taken,
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const { done, value } = await told.next();
      taken += 1;
      return done ? { done, value: undefined } : { done: false, value: value[0] };
    },
    return: async () => {
      left.resolve();
      await told.return?.();
      return { done: true, value: undefined };
    },
  };
}
