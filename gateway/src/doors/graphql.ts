import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { type FailureCode, isFailure } from '@assay/failure';
import { GraphQLError } from 'graphql';
import type { RequestFacts } from '../access/port.ts';
import type { Admit } from '../admission.ts';
import type { Run } from '../apollo.ts';
import type { PresentError } from '../errors.ts';
import { isTooComplex } from '../limits/refusal.ts';
import { type FindDocument, NOT_FOUND } from '../persisted/find.ts';
import type { RateMeter } from '../rate/meter.ts';
import { RateLimited } from '../rate/refusal.ts';
import { leavingOf, openTime } from '../request-time.ts';
import { setAll, tellRates } from './answer-headers.ts';
import { readJson } from './body.ts';
import { type GraphqlParams, parseParams, parseSearch, wantsCost } from './params.ts';

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
const RESPONSE_JSON = 'application/graphql-response+json';

/** Who asks, as a door sees it. */
export interface Asker<Context> {
  /** What every fetch of the request shares. */
  readonly context: Context;
  /** Null: a visitor who is not signed in. */
  readonly subject: string | null;
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
  try {
    const arrived = (await door.rates?.arrive(facts.address)) ?? [];
    const asked = await read(facts, request);
    const asker = await door.askerOf(facts, time.endsAt);
    const { admitted, body } = asked
      ? await admit(door, facts, asker, asked)
      : { admitted: undefined, body: undefined };
    const answer = await door.server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: facts.method,
        headers: headerMapOf(facts),
        search: facts.method === 'GET' ? searchOf(body) : '',
        body,
      },
      context: async () => ({ ...asker.context, admitted, signal: time.signal }),
    });
    response.statusCode = answer.status ?? 200;
    tellRates(response, [...arrived, ...(admitted?.standings ?? [])]);
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    if (answer.body.kind === 'complete') response.end(answer.body.string);
    else Readable.from(answer.body.asyncIterator).pipe(response);
  } catch (error) {
    refuse(door, facts, error, response);
  }
}

/** A document that is refused, by every reason. */
class RefusedDocument extends Error {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super('The document is refused.');
    this.errors = errors;
  }
}

/** Null: a method that is none of ours, which Apollo Server says. */
async function read({ method }: RequestFacts, request: IncomingMessage): Promise<GraphqlParams | null> {
  if (method === 'GET') return parseSearch(new URL(request.url ?? '/', 'http://localhost').searchParams);
  return method === 'POST' ? parseParams(await readJson(request)) : null;
}

/**
 * Looks at a request before Apollo Server does: validating a document that was made to be expensive costs seconds, counting costs
 * nothing; and what is wrong is said in the same words at every door.
 *
 * @returns also the request with the document's text in it, whatever named the document
 * @throws RefusedDocument, and what `FindDocument` and `Admit` throw
 */
async function admit<Context extends object>(
  { findDocument, admit }: GraphqlDoor<Context>,
  { headers, address }: RequestFacts,
  { subject }: Asker<Context>,
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
  return { admitted, body: { query: ready.text, operationName: operationName ?? null, variables } };
}

/** A request as the search of a GET. */
function searchOf(body: Awaited<ReturnType<typeof admit>>['body'] | undefined): string {
  if (!body) return '';
  const { query, operationName, variables } = body;
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  if (operationName !== null) search.set('operationName', operationName);
  return `?${search}`;
}

/** An error of the door itself, in the shape and the media type of a GraphQL answer. */
function refuse(
  { present }: { readonly present: PresentError },
  { headers }: RequestFacts,
  error: unknown,
  response: ServerResponse,
): void {
  const errors = error instanceof RefusedDocument ? error.errors : [error];
  response.statusCode = statusOf(errors[0]);
  const type = headers['accept']?.includes(RESPONSE_JSON) ? RESPONSE_JSON : 'application/json';
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('cache-control', 'no-store');
  if (error instanceof RateLimited) setAll(response, error.headers);
  if (response.statusCode === 401) response.setHeader('www-authenticate', 'Bearer');
  response.end(JSON.stringify({ errors: errors.map(present) }));
}

function statusOf(error: unknown): number {
  if (isTooComplex(error)) return 413;
  if (error instanceof GraphQLError) return 400;
  // What Apollo's clients take for an invitation to send the text is no error to the caches on their way.
  if (isFailure(error) && error.message === NOT_FOUND) return 200;
  return isFailure(error) ? (STATUS[error.code] ?? 400) : 500;
}

function headerMapOf({ headers }: RequestFacts): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, value);
  // Apollo Server guards plain GETs against other sites' pages. Without a cookie there is nothing that a page could ride on.
  if (headers['cookie'] === undefined) map.set('apollo-require-preflight', 'true');
  return map;
}
