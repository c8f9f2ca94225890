import { traceparent } from '@assay/telemetry';
import { Pool } from 'undici';
import type { Transport } from '../engine/index.ts';
import { openEvents } from '../mesh/events.ts';
import { type OpenEvents, openResuming } from '../mesh/resuming.ts';
import type { Explainable } from '../observation/explanation.ts';
import { bodyOf, createQuoting, resultOf } from './graphql-json.ts';
import { postJson } from './post-json.ts';
import { createSocketStreams } from './socket-streams.ts';

/** What every fetch of one request shares. */
export interface RouterContext extends Explainable {
  /** The client's headers that subgraphs get; also the class within which fetches are shared. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpTransportOptions {
  readonly url: URL;
  /** How long a subgraph may take to begin its answer, and between two parts of it. */
  readonly patienceMs?: number | undefined;
  readonly maxAnswerBytes?: number | undefined;
  /** Where streams are asked for over WebSocket (ws:, wss:); left out, they are asked for where everything is, as server-sent events. */
  readonly sockets?: URL | undefined;
  /** Gets why a stream was broken off. */
  readonly report?: ((error: unknown) => void) | undefined;
}

const PATIENCE_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 128;
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

/**
 * A subgraph over HTTP (GraphQL over HTTP, draft): POST with JSON, connections kept. Streams are server-sent events (graphql-sse
 * PROTOCOL.md, distinct connections mode), or come over WebSocket. Redirects are not followed: what answers is what the supergraph names.
 */
export function createHttpTransport({
  url,
  patienceMs = PATIENCE_MS,
  maxAnswerBytes = MAX_ANSWER_BYTES,
  sockets,
  report = () => undefined,
}: HttpTransportOptions): Transport<RouterContext> & AsyncDisposable {
  const pool = new Pool(url.origin, {
    connections: MAX_CONNECTIONS,
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
    maxResponseSize: maxAnswerBytes,
  });
  // A stream has a connection to itself, and may be quiet for as long as it likes.
  const streams = new Pool(url.origin, { headersTimeout: patienceMs, bodyTimeout: 0 });
  const overSockets = sockets && createSocketStreams({ url: sockets, patienceMs, maxBytes: maxAnswerBytes, report });
  const path = `${url.pathname}${url.search}`;
  const quote = createQuoting();

  const post = (body: string, headers: RouterContext['headers'], signal: AbortSignal | undefined) =>
    postJson(pool, { path, headers: { ...headers, 'content-type': 'application/json', accept: ACCEPT }, body, signal });

  return {
    execute: async ({ query, variables, context, signal }) =>
      resultOf(await post(bodyOf(quote(query), variables), withTrace(context.headers), signal)),
    subscribe: ({ query, variables, context, signal: opening }) => {
      if (overSockets) return overSockets.open({ query, variables, headers: withTrace(context.headers), opening });
      const body = bodyOf(quote(query), variables);
      const headers = { ...withTrace(context.headers), 'content-type': 'application/json' };
      const open: OpenEvents = (place, signal) =>
        openEvents(streams, { path, body, headers, place, signal, maxBytes: maxAnswerBytes });
      return openResuming(open, { report, opening });
    },
    [Symbol.asyncDispose]: async () => {
      overSockets?.[Symbol.dispose]();
      await Promise.all([pool.close(), streams.destroy()]);
    },
  };
}

/** A subgraph goes on with the trace of the fetch (W3C Trace Context), whatever the client sent. */
function withTrace(headers: RouterContext['headers']): RouterContext['headers'] {
  const trace = traceparent();
  return trace === undefined ? headers : { ...headers, traceparent: trace };
}
