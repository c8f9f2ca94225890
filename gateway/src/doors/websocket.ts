import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Principal } from '@assay/principal';
import { GraphQLError } from 'graphql';
import { CloseCode, makeServer } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { isHostAllowed } from '../access/host.ts';
import type { RequestFacts } from '../access/port.ts';
import { factsOf } from './facts.ts';
import { type LiveDoor, type LiveRequest, presentErrors, runLive } from './live.ts';

const MAX_MESSAGE_BYTES = 512 * 1024;
const PROTOCOL = 'graphql-transport-ws';
const INIT_TIMEOUT_MS = 10_000;
const PING_MS = 15_000;

interface Extra {
  readonly facts: RequestFacts;
  readonly socket: WebSocket;
  principal: Principal | null;
  watch: Disposable | null;
}

export interface WebSocketDoor extends AsyncDisposable {
  readonly connections: () => number;
}

/**
 * GraphQL over WebSocket (graphql-ws PROTOCOL.md). The principal is told once, at `connection_init`; its end closes the
 * socket with 4403.
 */
export function openWebSocketDoor(door: LiveDoor, http: Server, hosts: ReadonlySet<string>): WebSocketDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const protocol = makeServer<{ authorization?: unknown }, Extra>({
    schema: door.engine.schema,
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: async ({ extra, connectionParams }) => {
      const { authorization } = connectionParams ?? {};
      try {
        extra.principal = await door.access.principalOfSocket(
          extra.facts,
          typeof authorization === 'string' ? authorization : undefined,
        );
      } catch {
        return false;
      }
      extra.watch = door.access.watch(extra.principal, () => extra.socket.close(CloseCode.Forbidden, 'Forbidden'));
      return true;
    },
    onSubscribe: ({ extra }, _id, payload) => {
      if (!extra.principal) return [new GraphQLError('Nobody asks.', { extensions: { code: 'UNAUTHENTICATED' } })];
      const prepared = door.documents(payload.query);
      if ('errors' in prepared) return presentErrors(prepared.errors, door.present);
      const contextValue: Asked = { principal: extra.principal, request: payload };
      return {
        schema: door.engine.schema,
        document: prepared.document,
        operationName: payload.operationName,
        contextValue,
      };
    },
    execute: ({ contextValue }) => run(door, contextValue),
    subscribe: ({ contextValue }) => run(door, contextValue),
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const facts = factsOf(request);
    const isOurs = request.url?.split('?')[0] === '/graphql' && isHostAllowed(facts.headers['host'], hosts);
    if (!isOurs) return refuse(socket, '404 Not Found');
    if (!door.access.isUpgradeAllowed(facts)) return refuse(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(protocol, webSocket, facts));
  };
  http.on('upgrade', upgrade);
  return {
    connections: () => sockets.clients.size,
    [Symbol.asyncDispose]: async () => {
      http.off('upgrade', upgrade);
      for (const client of sockets.clients) client.close(1001, 'Going away');
      const patience = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, 1_000);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(patience);
    },
  };
}

/** What graphql-ws carries from a message to the engine: it has its own documents, and so have we. */
interface Asked {
  readonly principal: Principal;
  readonly request: LiveRequest;
}

function run(door: LiveDoor, asked: unknown): ReturnType<typeof runLive> {
  const { principal, request } = asked as Asked;
  return runLive(door, principal, request);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function serve(
  protocol: ReturnType<typeof makeServer<{ authorization?: unknown }, Extra>>,
  socket: WebSocket,
  facts: RequestFacts,
): void {
  const extra: Extra = { facts, socket, principal: null, watch: null };
  let pong = true;
  const ping = setInterval(() => {
    if (!pong) return socket.terminate();
    pong = false;
    socket.ping();
  }, PING_MS);
  socket.on('pong', () => (pong = true));
  socket.on('error', () => socket.terminate());
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) =>
        new Promise<void>((resolve, reject) => {
          if (socket.readyState !== WebSocket.OPEN) return resolve();
          socket.send(data, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (listener) =>
        socket.on('message', (data) => {
          listener(String(data)).catch(() => socket.close(CloseCode.InternalServerError, 'Internal server error'));
        }),
    },
    extra,
  );
  socket.once('close', (code, reason) => {
    clearInterval(ping);
    extra.watch?.[Symbol.dispose]();
    void closed(code, String(reason));
  });
}
