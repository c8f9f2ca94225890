import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { failure, isFailure } from '@assay/failure';
import type { ExecutionResult } from 'graphql';
import { CloseCode, makeServer, type Context as SocketContext } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { isHostAllowed } from '../access/host.ts';
import type { RequestFacts } from '../access/port.ts';
import type { Ready } from '../documents.ts';
import { RateLimited } from '../rate/refusal.ts';
import type { Leaving } from '../request-time.ts';
import type { ConnectionParams } from './askers.ts';
import { factsOf } from './facts.ts';
import { type Caller, type LiveDoor, presentErrors, runLive } from './live.ts';
import { type GraphqlParams, parseParams } from './params.ts';

const MAX_MESSAGE_BYTES = 512 * 1024;
/** Beyond it nothing is read to its end, and the socket closes without a word. */
const MAX_FRAME_BYTES = 4 * MAX_MESSAGE_BYTES;
const PROTOCOL = 'graphql-transport-ws';

/** Operations that one socket may have open at once. */
const MAX_OPERATIONS = 100;
/** RFC 6455, section 7.4.1: Message Too Big. */
const TOO_BIG = 1009;
const TOO_BIG_REASON = `A message has at most ${MAX_MESSAGE_BYTES} bytes.`;
/** RFC 6455's registry: Try Again Later. */
const TRY_AGAIN_LATER = 1013;
/** Ours, after HTTP's 408: the client did not read in time. */
const TOO_SLOW = 4408;
const FAREWELL_MS = 2_000;

interface Extra<Context> {
  readonly facts: RequestFacts;
  readonly socket: WebSocket;
  caller: Caller<Context> | null;
  watch: Disposable | null;
}

/** How long a silent client is borne. */
export interface SocketTimes {
  /** Until it has introduced itself; then it is closed with 4408 (graphql-ws PROTOCOL.md, ConnectionInit). */
  readonly initMs: number;
  /** Between two pings; who has not answered one when the next is due is gone (RFC 6455, section 5.5.2). */
  readonly pingMs: number;
}

export const SOCKET_TIMES: SocketTimes = { initMs: 10_000, pingMs: 15_000 };

export interface WebSocketDoor extends AsyncDisposable {
  readonly connections: () => number;
}

/**
 * GraphQL over WebSocket (graphql-ws PROTOCOL.md). The principal is told once, at `connection_init`; its end closes the
 * socket with 4403.
 */
export function openWebSocketDoor<Context>(
  door: LiveDoor<Context>,
  http: Server,
  hosts: ReadonlySet<string>,
  { initMs, pingMs } = SOCKET_TIMES,
): WebSocketDoor {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });
  const protocol = makeServer<ConnectionParams, Extra<Context>>({
    schema: door.engine.schema,
    connectionInitWaitTimeout: initMs,
    onConnect: ({ extra, connectionParams }) => connect(door, extra, connectionParams),
    onSubscribe: (context, _id, payload) => prepare(door, context, payload),
    execute: ({ contextValue }) => run(door, contextValue),
    subscribe: ({ contextValue }) => run(door, contextValue),
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const facts = factsOf(request);
    const isOurs = request.url?.split('?')[0] === '/graphql' && isHostAllowed(facts.headers['host'], hosts);
    if (!isOurs) return refuse(socket, '404 Not Found', facts);
    if (!door.askers.isUpgradeAllowed(facts)) return refuse(socket, '403 Forbidden', facts);
    const accept = () =>
      sockets.handleUpgrade(request, socket, head, (webSocket) => serve(protocol, webSocket, facts, pingMs));
    if (!door.rates) return accept();
    socket.on('error', () => socket.destroy());
    Promise.resolve(door.rates.arrive(facts.address)).then(accept, (error: unknown) => {
      refuse(socket, error instanceof RateLimited ? '429 Too Many Requests' : '503 Service Unavailable', facts);
    });
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

/** Tells who asks. False closes the socket with 4403 (graphql-ws PROTOCOL.md, ConnectionInit). */
async function connect<Context>(
  door: LiveDoor<Context>,
  extra: Extra<Context>,
  params: ConnectionParams | undefined,
): Promise<boolean> {
  try {
    const again = () => door.askers.askerOfSocket(extra.facts, params);
    const asker = await again();
    // It went meanwhile: nobody would end what is begun for it now.
    if (extra.socket.readyState !== WebSocket.OPEN) return false;
    const leaving = leavingOfSocket(extra.socket);
    const onSlow = (error: Error) => closeOver(door, extra.socket, error);
    extra.caller = { asker, again, facts: extra.facts, leaving, onSlow };
    extra.watch = door.askers.watch(asker, () => closeOver(door, extra.socket, null));
    return true;
  } catch (error) {
    closeOver(door, extra.socket, error);
    return false;
  }
}

/** What graphql-ws carries from a message to the engine: it has its own documents, and so have we. */
interface Asked<Context> {
  readonly extra: Extra<Context>;
  readonly caller: Caller<Context>;
  readonly ready: Ready;
  readonly params: GraphqlParams;
}

async function prepare<Context>(
  door: LiveDoor<Context>,
  { extra, subscriptions }: SocketContext<ConnectionParams, Extra<Context>>,
  payload: unknown,
) {
  const refused = (error: unknown) => presentErrors([error], door.present);
  if (!extra.caller) return refused(failure('UNAUTHENTICATED', 'Nobody asks.'));
  if (Object.keys(subscriptions).length > MAX_OPERATIONS)
    return refused(failure('RATE_LIMITED', `A socket has at most ${MAX_OPERATIONS} operations open.`));
  try {
    await door.rates?.arrive(extra.facts.address);
    const params = parseParams(payload);
    const ready = await door.findDocument(params);
    if ('errors' in ready) return presentErrors(ready.errors, door.present);
    const contextValue: Asked<Context> = { extra, caller: extra.caller, ready, params };
    return {
      schema: door.engine.schema,
      document: ready.document,
      operationName: params.operationName,
      contextValue,
    };
  } catch (error) {
    return refused(error);
  }
}

async function run<Context>(door: LiveDoor<Context>, asked: unknown): ReturnType<typeof runLive<Context>> {
  const { extra, caller, ready, params } = asked as Asked<Context>;
  const result = await runLive(door, caller, ready, params);
  return Symbol.asyncIterator in result ? new ClosingStream(door, result, extra.socket) : result;
}

/** A stream that fails closes its socket, since the protocol's `complete` would say that all is told. */
class ClosingStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #door: Pick<LiveDoor<never>, 'meters'>;
  readonly #stream: AsyncIterableIterator<ExecutionResult>;
  readonly #socket: WebSocket;
  #isOpen = true;

  constructor(
    door: Pick<LiveDoor<never>, 'meters'>,
    stream: AsyncIterableIterator<ExecutionResult>,
    socket: WebSocket,
  ) {
    this.#door = door;
    this.#stream = stream;
    this.#socket = socket;
    door.meters?.streams.inc({ door: 'websocket' });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    try {
      const step = await this.#stream.next();
      if (step.done) this.#left();
      return step;
    } catch (error) {
      closeOver(this.#door, this.#socket, error);
      return this.return();
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#left();
    await this.#stream.return?.();
    return { done: true, value: undefined };
  }

  #left(): void {
    if (this.#isOpen) this.#door.meters?.streams.dec({ door: 'websocket' });
    this.#isOpen = false;
  }
}

function leavingOfSocket(socket: WebSocket): Leaving {
  return (end) => {
    socket.once('close', end);
    return () => void socket.off('close', end);
  };
}

/** 4403 when it is the caller who may not, 1013 when it could not be told, 4408 when he reads too slowly; he may try again after each. */
function closeOver({ meters }: Pick<LiveDoor<never>, 'meters'>, socket: WebSocket, error: unknown): void {
  if (isFailure(error) && error.code === 'UPSTREAM_UNAVAILABLE')
    return socket.close(TRY_AGAIN_LATER, 'Try again later');
  if (isFailure(error) && error.code === 'RATE_LIMITED') {
    if (socket.readyState === WebSocket.OPEN) meters?.rejections.inc({ reason: 'slow' });
    socket.close(TOO_SLOW, 'Too slow');
    // It may never read that.
    setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
    return;
  }
  socket.close(CloseCode.Forbidden, 'Forbidden');
}

function refuse(socket: Duplex, status: string, { requestId }: RequestFacts): void {
  const headers = `x-request-id: ${requestId}\r\nconnection: close\r\ncontent-length: 0`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n`);
}

function serve<Context>(
  protocol: ReturnType<typeof makeServer<ConnectionParams, Extra<Context>>>,
  socket: WebSocket,
  facts: RequestFacts,
  pingMs: number,
): void {
  const extra: Extra<Context> = { facts, socket, caller: null, watch: null };
  let pong = true;
  const ping = setInterval(() => {
    if (!pong) return socket.terminate();
    pong = false;
    socket.ping();
  }, pingMs);
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
        socket.on('message', (data: Buffer) => {
          if (data.byteLength > MAX_MESSAGE_BYTES) return socket.close(TOO_BIG, TOO_BIG_REASON);
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
