import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { failure, isFailure } from '@assay/failure';
import { type ExecutionResult, getOperationAST } from 'graphql';
import { CloseCode, makeServer, type Context as SocketContext } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { isHostAllowed } from '../access/host.ts';
import type { RequestFacts } from '../access/port.ts';
import type { Ready } from '../documents.ts';
import { RateLimited } from '../rate/refusal.ts';
import type { ConnectionParams } from './askers.ts';
import { factsOf } from './facts.ts';
import { type Caller, endOfPrincipal, type LiveDoor, presentErrors, refusal, runLive } from './live.ts';
import { type GraphqlParams, parseParams } from './params.ts';
import { type ClientSocket, holdSocket, MAX_FRAME_BYTES } from './socket.ts';

const PROTOCOL = 'graphql-transport-ws';

/** Operations that one socket may have open at once. */
const MAX_OPERATIONS = 100;
/** RFC 6455's registry: Try Again Later. */
const TRY_AGAIN_LATER = 1013;
/** Ours, after HTTP's 408: the client did not read in time. */
const TOO_SLOW = 4408;

interface Extra<Context> {
  readonly facts: RequestFacts;
  readonly socket: ClientSocket;
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
 * GraphQL over WebSocket (graphql-ws PROTOCOL.md). Who asks is said once, at `connection_init`; what he may is asked for each
 * operation and each event. The end of the principal closes the socket with 4403, and what comes over it after that is not heard.
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
    autoPong: false,
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
    if (!extra.socket.isOpen()) return false;
    const { leaving } = extra.socket;
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
    const { document } = ready;
    const { operationName } = params;
    if (!getOperationAST(document, operationName)) {
      // graphql-ws would say without a code that there is none; the engine has one, and nothing to run.
      const asked = { document, operationName, context: extra.caller.asker.context };
      return presentErrors((await door.engine.execute(asked)).errors ?? [], door.present);
    }
    const contextValue: Asked<Context> = { extra, caller: extra.caller, ready, params };
    return { schema: door.engine.schema, document, operationName, contextValue };
  } catch (error) {
    return refused(error);
  }
}

async function run<Context>(door: LiveDoor<Context>, asked: unknown): ReturnType<typeof runLive<Context>> {
  const { extra, caller, ready, params } = asked as Asked<Context>;
  if (!extra.socket.isOpen()) return refusal(endOfPrincipal(), door.present);
  const result = await runLive(door, caller, ready, params);
  return Symbol.asyncIterator in result ? new ClosingStream(door, result, extra.socket) : result;
}

/** A stream that fails closes its socket, since the protocol's `complete` would say that all is told. */
class ClosingStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #door: Pick<LiveDoor<never>, 'meters'>;
  readonly #stream: AsyncIterableIterator<ExecutionResult>;
  readonly #socket: ClientSocket;
  #isOpen = true;

  constructor(
    door: Pick<LiveDoor<never>, 'meters'>,
    stream: AsyncIterableIterator<ExecutionResult>,
    socket: ClientSocket,
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

/** 4403 when it is the caller who may not, 1013 when it could not be told, 4408 when he reads too slowly; he may try again after each. */
function closeOver({ meters }: Pick<LiveDoor<never>, 'meters'>, socket: ClientSocket, error: unknown): void {
  if (isFailure(error) && error.code === 'UPSTREAM_UNAVAILABLE')
    return socket.close(TRY_AGAIN_LATER, 'Try again later');
  if (isFailure(error) && error.code === 'RATE_LIMITED') {
    if (socket.isOpen()) meters?.rejections.inc({ reason: 'slow' });
    return socket.close(TOO_SLOW, 'Too slow');
  }
  socket.close(CloseCode.Forbidden, 'Forbidden');
}

function refuse(socket: Duplex, status: string, { requestId }: RequestFacts): void {
  const headers = `x-request-id: ${requestId}\r\nconnection: close\r\ncontent-length: 0`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n`);
}

function serve<Context>(
  protocol: ReturnType<typeof makeServer<ConnectionParams, Extra<Context>>>,
  webSocket: WebSocket,
  facts: RequestFacts,
  pingMs: number,
): void {
  const socket = holdSocket(webSocket, pingMs);
  const extra: Extra<Context> = { facts, socket, caller: null, watch: null };
  const closed = protocol.opened(socket, extra);
  webSocket.once('close', (code, reason) => {
    extra.watch?.[Symbol.dispose]();
    void closed(code, String(reason));
  });
}
