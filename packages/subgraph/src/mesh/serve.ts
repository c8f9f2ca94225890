import { ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type EntryStep, enter } from '@assay/telemetry';
import type { ExecutionResult } from 'graphql';
import type { SubgraphHandler } from '../handler.ts';
import type { WatchedCredentials } from './credentials.ts';
import { PING_MS, writeEvents } from './events.ts';
import { endWithCertificate, reasonAgainst } from './peers.ts';
import { EVENT_STREAM } from './protocol.ts';
import { type Incoming, leavingOf, type Outgoing, Refused, readJson, readSubgraphRequest } from './request.ts';

/** A subgraph that answers over the mesh. */
export interface RunningSubgraph extends AsyncDisposable {
  readonly url: string;
}

export interface ServeOptions {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly credentials: WatchedCredentials;
  /** How often streams and connections say that they are there. */
  readonly pingMs?: number;
  /** The processes that may ask, by the names in their certificates. */
  readonly peers: readonly string[];
  /** What is asked beside GraphQL, by its path: `POST` with JSON, answered with JSON. */
  readonly calls?: Readonly<Record<string, (asked: unknown) => Promise<unknown>>>;
  /** Gets what went wrong; who asked is told that something did. */
  report(what: string, error: unknown): void;
  /** Gets why somebody was turned away at the handshake, who is told nothing. */
  turnedAway?(why: string): void;
}

/** What is under way when a process is to end gets this long. */
const GRACE_MS = 3_500;
const KEEP_ALIVE_MS = 65_000;
/** Of streams whose readers are slow; beyond it new ones are refused. */
const MAX_SESSION_MB = 64;
/** A peer with much to do answers late. */
const MOST_UNHEARD = 3;

/**
 * Serves a subgraph to a gateway: GraphQL over HTTP at `POST /graphql`, streams as server-sent events, `GET /health`. HTTP/1.1 and
 * HTTP/2 over TLS 1.3, and to nobody who does not show the certificate of one of the peers: whoever else knocks is turned away at
 * the handshake, before a byte of a request is read. `_service` and `_entities` are no less behind it than the rest.
 *
 * Disposing lets calls end that have begun, breaks streams off so that their readers resume them elsewhere, and closes.
 */
export async function serveSubgraph(handler: SubgraphHandler, options: ServeOptions): Promise<RunningSubgraph> {
  const ending = new AbortController();
  const server = createSecureServer({
    ...options.credentials.current(),
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    maxSessionMemory: MAX_SESSION_MB,
  });
  options.credentials.onRenewal((renewed) => server.setSecureContext({ ...renewed, minVersion: 'TLSv1.3' }));
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const reason = reasonAgainst(socket, options.peers);
    if (reason === null) return endWithCertificate(socket);
    socket.destroy();
    options.turnedAway?.(reason);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) =>
    options.turnedAway?.(String(socket.authorizationError ?? error.code ?? error.message)),
  );
  server.on('request', (request, response) => {
    answer(handler, options, ending.signal, request, response).catch((error: unknown) => {
      if (!(error instanceof Refused)) options.report('a call could not be answered', error);
      refuse(request, response, error);
    });
  });
  const { pingMs = PING_MS } = options;
  server.on('session', (session) => endWhenSilent(session, pingMs));
  const connections = trackConnections(server);
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://${options.hostname}:${port}`,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      const patience = setTimeout(() => connections.destroy(), GRACE_MS);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      connections.keepNone();
      await closed;
      clearTimeout(patience);
    },
  };
}

async function answer(
  handler: SubgraphHandler,
  { calls = {}, pingMs = PING_MS }: ServeOptions,
  ending: AbortSignal,
  request: Incoming,
  response: Outgoing,
): Promise<void> {
  const path = request.url ?? '/';
  if (path === '/health') return writeHealth(handler, response);
  const call = Object.hasOwn(calls, path) ? calls[path] : undefined;
  if (!call && path !== '/graphql') throw new Refused(404, 'There is nothing here.');
  if (request.method !== 'POST') throw new Refused(405, 'POST only.');
  if (call) {
    const work = async () => call(await readJson(request));
    return writeJson(response, 200, (await enter(callStep(path, request), work)) ?? null);
  }
  const signal = leavingOf(response);
  const asked = await readSubgraphRequest(request, signal);
  if (request.headers.accept !== EVENT_STREAM) return writeJson(response, 200, await handler.execute(asked));
  const stream = await handler.subscribe(asked);
  if (Symbol.asyncIterator in stream) return writeEvents(stream, response, AbortSignal.any([signal, ending]), pingMs);
  writeJson(response, isAway(stream) ? 503 : 200, stream);
}

/** Such a stream may open in a moment: its status tells whoever resumes one to try again. */
function isAway({ errors = [] }: ExecutionResult): boolean {
  return errors.some(({ extensions }) => extensions['code'] === 'UPSTREAM_UNAVAILABLE');
}

/** Whoever shows a peer's certificate is one of ours. */
function callStep(path: string, { headers: { traceparent } }: Incoming): EntryStep {
  const parent = typeof traceparent === 'string' ? traceparent : undefined;
  return { name: `call ${path}`, kind: 'server', parent, isOurs: true };
}

/** The parts of a subgraph that cannot answer are still told, where it tells them. */
async function writeHealth(handler: SubgraphHandler, response: Outgoing): Promise<void> {
  const parts = await handler.health();
  writeJson(response, 200, parts);
}

function writeJson(response: Outgoing, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

function refuse(request: Incoming, response: Outgoing, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  // A body that nobody reads to its end stands in the way of the next request on the connection.
  if (!request.complete && response instanceof ServerResponse) response.setHeader('connection', 'close');
  const [status, message] = error instanceof Refused ? [error.status, error.message] : [503, 'It cannot be told now.'];
  writeJson(response, status, { errors: [{ message }] });
}

/** What closes late: a connection of HTTP/1.1 is kept after its answer, unless the answer says otherwise. */
function trackConnections(server: Http2SecureServer) {
  const sockets = new Set<TLSSocket>();
  const answers = new Set<ServerResponse>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (_request, response: Outgoing) => {
    if (!(response instanceof ServerResponse)) return;
    answers.add(response);
    response.once('close', () => answers.delete(response));
  });
  return {
    keepNone: () => {
      for (const response of answers) if (!response.headersSent) response.setHeader('connection', 'close');
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A peer that has gone without a word answers no ping: its streams end here too. */
function endWhenSilent(session: ServerHttp2Session, pingMs: number): void {
  let unheard = 0;
  const timer = setInterval(() => {
    unheard += 1;
    if (unheard > MOST_UNHEARD || session.destroyed) return session.destroy();
    session.ping((error) => error || (unheard = 0));
  }, pingMs);
  session.once('close', () => clearInterval(timer));
}

function listen(server: Http2SecureServer, { hostname, port }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
