import { traceparent } from '@assay/telemetry';
import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import { Pool } from 'undici';
import { TextAnswer, type Transport, type TransportRequest, variablesText } from '../engine/index.ts';
import type { Explainable } from '../observation/explanation.ts';
import { postJson } from './post-json.ts';

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
}

const PATIENCE_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 128;
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

/**
 * A subgraph over HTTP (GraphQL over HTTP, draft): POST with JSON, connections kept. Redirects are not followed: what answers is
 * what the supergraph names.
 */
export function createHttpTransport({
  url,
  patienceMs = PATIENCE_MS,
  maxAnswerBytes = MAX_ANSWER_BYTES,
}: HttpTransportOptions): Transport<RouterContext> & AsyncDisposable {
  const pool = new Pool(url.origin, {
    connections: MAX_CONNECTIONS,
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
    maxResponseSize: maxAnswerBytes,
  });
  const path = `${url.pathname}${url.search}`;
  const quote = createQuoting();

  const post = (body: string, headers: RouterContext['headers'], signal: AbortSignal | undefined) =>
    postJson(pool, { path, headers: { ...headers, 'content-type': 'application/json', accept: ACCEPT }, body, signal });

  return {
    execute: async ({ query, variables, context, signal }) =>
      parseResult(await post(bodyOf(quote(query), variables), withTrace(context.headers), signal)),
    subscribe: async () => {
      throw new Error('A subgraph over HTTP has no streams here.');
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** A subgraph goes on with the trace of the fetch (W3C Trace Context), whatever the client sent. */
function withTrace(headers: RouterContext['headers']): RouterContext['headers'] {
  const trace = traceparent();
  return trace === undefined ? headers : { ...headers, traceparent: trace };
}

/** A plan asks with the same few documents again and again: their JSON is written once. */
export function createQuoting(): (query: string) => string {
  const known = new LRUCache<string, string>({ max: 5_000 });
  return (query) => {
    const found = known.get(query);
    if (found !== undefined) return found;
    const made = JSON.stringify(query);
    known.set(query, made);
    return made;
  };
}

export function bodyOf(query: string, variables: TransportRequest<unknown>['variables']): string {
  for (const _name in variables) return `{"query":${query},"variables":${variablesText(variables)}}`;
  return `{"query":${query}}`;
}

/** Read when somebody looks at it; that it is an object is all that is known here. */
export function parseResult(text: string): ExecutionResult {
  if (!/^\s*\{/.test(text) || !/\}\s*$/.test(text.slice(-64))) throw new Error('The answer is no GraphQL result.');
  return new TextAnswer(text);
}
