import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { type FailureCode, failure, isFailure } from '@assay/failure';
import { GraphQLError } from 'graphql';
import type { RequestFacts } from '../access/port.ts';
import type { Admit } from '../admission.ts';
import { AS_BYTES, type Outlet, type Run } from '../apollo.ts';
import type { PresentError } from '../errors.ts';
import { isTooComplex } from '../limits/refusal.ts';
import { beginExplanation } from '../observation/explanation.ts';
import { type FindDocument, NOT_FOUND } from '../persisted/find.ts';
import type { RateMeter } from '../rate/meter.ts';
import type { Standing } from '../rate/policy.ts';
import { RateLimited } from '../rate/refusal.ts';
import { leavingOf, openTime } from '../request-time.ts';
import { prefersResponseJson, RESPONSE_JSON } from './accept.ts';
import { setAll, tellBatchRates, tellRates } from './answer-headers.ts';
import { readJson } from './body.ts';
import { type GraphqlParams, parseParams, parseSearch, wantsCost, wantsPlan } from './params.ts';
import { RefusedRequest } from './refused-request.ts';

/** Statuses of what this door itself refuses; everything else is 400. */
const STATUS: Readonly<Partial<Record<FailureCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  TOO_COMPLEX: 413,
  PERSISTED_QUERY_NOT_FOUND: 404,
  RATE_LIMITED: 429,
  UPSTREAM_UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** Who asks, as a door sees it. */
export interface Asker<Context> {
  /** What every fetch of the request shares. */
  readonly context: Context;
  /** Null: a visitor who is not signed in. */
  readonly subject: string | null;
  /** Whether he may know how his operations are run; left out: no. */
  readonly mayReadPlans?: boolean;
}

export interface GraphqlDoor<Context extends object> {
  readonly server: ApolloServer<Context & Run>;
  readonly findDocument: FindDocument;
  readonly admit: Admit;
  /** Null: nobody counts. */
  readonly rates: RateMeter | null;
  /**
   * @param endsAt milliseconds since the epoch until which the request is worth something
   * @throws Failure where a request is refused before anything is read of it
   */
  askerOf(facts: RequestFacts, endsAt: number): Promise<Asker<Context>>;
  readonly deadlineMs: number;
  /** Requests that one body may hold as a list; 0: none. */
  readonly maxBatch: number;
  /** What whoever sends files is told to do with them. */
  readonly filesGo?: string | undefined;
  readonly present: PresentError;
}

/** GraphQL over HTTP (GraphQL Foundation draft): POST, and GET for queries. */
export async function answerGraphql<Context extends object>(
  door: GraphqlDoor<Context>,
  facts: RequestFacts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  using time = openTime(door.deadlineMs, leavingOf(response));
  let arrived: readonly Standing[] = [];
  try {
    arrived = (await door.rates?.arrive(facts.address)) ?? [];
    const asked = await read(door, facts, request);
    const asker = await door.askerOf(facts, time.endsAt);
    const asking = { door, facts, asker, signal: time.signal };
    if (Array.isArray(asked)) return await answerBatch(asking, asked, arrived, response);
    const { status, headers, body, standings } = await run(asking, asked);
    response.statusCode = status;
    // What one may see, another may not.
    response.setHeader('cache-control', 'no-store');
    tellRates(response, [...arrived, ...standings]);
    for (const [name, value] of headers) response.setHeader(name, value);
    response.end(body);
  } catch (error) {
    tellRates(response, arrived);
    refuse(door, facts, error, response);
  }
}

/** One request on its way, or one of several that came together. */
interface Asking<Context extends object> {
  readonly door: GraphqlDoor<Context>;
  readonly facts: RequestFacts;
  readonly asker: Asker<Context>;
  readonly signal: AbortSignal;
}

/** @throws whatever refuses it */
async function run<Context extends object>(asking: Asking<Context>, params: GraphqlParams) {
  const { door, facts, asker, signal } = asking;
  const { document, admitted, body } = await admit(asking, params);
  const search = facts.method === 'GET' ? searchOf(body) : '';
  // An invitation: whoever may not know gets his answer without it.
  const isExplained = asker.mayReadPlans === true && wantsPlan(facts.headers, params);
  const outlet: Outlet = { answer: null };
  let isStarted = false;
  const answer = await door.server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: facts.method, headers: headerMapOf(facts), search, body },
    context: async () => {
      const explanation = isExplained ? beginExplanation() : undefined;
      isStarted = true;
      return { ...asker.context, document, admitted, signal, explanation, outlet };
    },
  });
  if (answer.body.kind !== 'complete') throw new Error('An answer came in parts, which nobody asked for.');
  const { status: given = 200, headers } = answer;
  const status = isStarted ? statusFor(facts, given) : given;
  return { status, headers, body: bodyOf(answer.body.string, outlet), standings: admitted.standings };
}

/** @throws Error when bytes were promised and are not there */
function bodyOf(text: string, { answer }: Outlet): string | Buffer {
  if (text !== AS_BYTES) return text;
  if (!answer) throw new Error('An answer was promised as bytes, and is not there.');
  return answer.bytes;
}

/** Several requests in one: each is counted and limited by itself, and its refusal is its own. */
async function answerBatch<Context extends object>(
  asking: Asking<Context>,
  batch: readonly unknown[],
  arrived: readonly Standing[],
  response: ServerResponse,
): Promise<void> {
  const { door, facts } = asking;
  const standings = [...arrived];
  const refusals: RateLimited[] = [];
  const answers = await Promise.all(
    batch.map(async (each, nth) => {
      try {
        // The first has arrived with the request itself.
        if (nth > 0) standings.push(...((await door.rates?.arrive(facts.address)) ?? []));
        const answer = await run(asking, parseParams(each));
        standings.push(...answer.standings);
        return String(answer.body);
      } catch (error) {
        if (error instanceof RateLimited) refusals.push(error);
        return errorsOf(error, door.present);
      }
    }),
  );
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  tellBatchRates(response, standings, refusals);
  response.end(`[${answers.map((each) => each.trim()).join(',')}]`);
}

/** A document that is refused, by every reason. */
class RefusedDocument extends Error {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super('The document is refused.');
    this.errors = errors;
  }
}

/**
 * Reads what is asked, or the list of it.
 *
 * @throws RefusedRequest for a method that is none of ours (RFC 9110, 15.5.6); what `readJson` and `parseParams` throw
 */
async function read<Context extends object>(
  { maxBatch, filesGo }: GraphqlDoor<Context>,
  { method }: RequestFacts,
  request: IncomingMessage,
): Promise<GraphqlParams | unknown[]> {
  if (method === 'GET') return parseSearch(new URL(request.url ?? '/', 'http://localhost').searchParams);
  if (method !== 'POST')
    throw new RefusedRequest(405, 'GraphQL is asked by POST, and queries by GET too.', { allow: 'GET, POST' });
  const body = await readJson(request, filesGo);
  if (!Array.isArray(body)) return parseParams(body);
  if (maxBatch === 0) throw failure('BAD_USER_INPUT', 'One request at a time: a list of them is not taken here.');
  if (body.length > maxBatch) throw failure('BAD_USER_INPUT', `A list has at most ${maxBatch} requests.`);
  if (body.length === 0) throw failure('BAD_USER_INPUT', 'The list has no request in it.');
  return body;
}

/**
 * Looks at a request before Apollo Server does: validating a document that was made to be expensive costs seconds, counting costs
 * nothing; and what is wrong is said in the same words at every door.
 *
 * @returns also the request with the document's text in it, whatever named the document
 * @throws RefusedDocument, and what `FindDocument` and `Admit` throw
 */
async function admit<Context extends object>(
  { door: { findDocument, admit }, facts: { headers, address }, asker: { subject } }: Asking<Context>,
  params: GraphqlParams,
) {
  const ready = await findDocument(params);
  if ('errors' in ready) throw new RefusedDocument(ready.errors);
  const { operationName, variables } = params;
  const admitted = await admit({
    ready,
    operationName,
    variables,
    subject,
    address,
    wantsCost: wantsCost(headers, params),
  });
  return {
    document: ready.document,
    admitted,
    body: { query: ready.text, operationName: operationName ?? null, variables },
  };
}

/** A request as the search of a GET. */
function searchOf({ query, operationName, variables }: Awaited<ReturnType<typeof admit>>['body']): string {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  if (operationName !== null) search.set('operationName', operationName);
  return `?${search}`;
}

/** An error of the door itself, in the shape and the media type of a GraphQL answer. */
function refuse(
  { present }: { readonly present: PresentError },
  facts: RequestFacts,
  error: unknown,
  response: ServerResponse,
): void {
  const reason = error instanceof RefusedDocument ? error.errors[0] : error;
  response.statusCode =
    reason instanceof GraphQLError && !isTooComplex(reason) ? statusFor(facts, 400) : statusOf(reason);
  const type = wantsResponseJson(facts) ? RESPONSE_JSON : 'application/json';
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('cache-control', 'no-store');
  if (error instanceof RateLimited) setAll(response, error.headers);
  if (error instanceof RefusedRequest) setAll(response, error.headers);
  if (response.statusCode === 401) response.setHeader('www-authenticate', 'Bearer');
  response.end(errorsOf(error, present));
}

function errorsOf(error: unknown, present: PresentError): string {
  const errors = error instanceof RefusedDocument ? error.errors : [error];
  return JSON.stringify({ errors: errors.map(present) });
}

/**
 * What is wrong with a document or its variables is an answer to a request that was well formed: in `application/json`, which
 * proxies write too, its status is 200 (GraphQL over HTTP, section 6.4.1); only `application/graphql-response+json` has 400 for it.
 */
function statusFor(facts: RequestFacts, status: number): number {
  return status === 400 && !wantsResponseJson(facts) ? 200 : status;
}

function wantsResponseJson({ headers }: RequestFacts): boolean {
  return prefersResponseJson(headers['accept']);
}

function statusOf(error: unknown): number {
  if (isTooComplex(error)) return 413;
  if (error instanceof GraphQLError) return 400;
  // What Apollo's clients take for an invitation to send the text is no error to the caches on their way.
  if (isFailure(error) && error.message === NOT_FOUND) return 200;
  if (error instanceof RefusedRequest) return error.status;
  return isFailure(error) ? (STATUS[error.code] ?? 400) : 500;
}

function headerMapOf({ headers }: RequestFacts): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, value);
  // Apollo Server guards plain GETs against other sites' pages. Without a cookie there is nothing that a page could ride on.
  if (headers['cookie'] === undefined) map.set('apollo-require-preflight', 'true');
  return map;
}
