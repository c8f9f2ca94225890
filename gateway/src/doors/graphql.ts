import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { type FailureCode, isFailure } from '@assay/failure';
import { GraphQLError } from 'graphql';
import type { RequestFacts } from '../access/port.ts';
import type { Documents } from '../documents.ts';
import type { PresentError } from '../errors.ts';
import { isTooComplex } from '../limits/refusal.ts';
import { readJson } from './body.ts';

/** Statuses of what this door itself refuses; everything else is 400. */
const STATUS: Readonly<Partial<Record<FailureCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  TOO_COMPLEX: 413,
  RATE_LIMITED: 429,
  UPSTREAM_UNAVAILABLE: 503,
  INTERNAL: 500,
};
const RESPONSE_JSON = 'application/graphql-response+json';

export interface GraphqlDoor<Context extends object> {
  readonly server: ApolloServer<Context>;
  readonly documents: Documents;
  /** What every fetch of a request shares; throws Failure where a request is refused before anything is read of it. */
  contextOf(facts: RequestFacts): Promise<Context>;
  readonly present: PresentError;
}

/** GraphQL over HTTP (GraphQL Foundation draft): POST, and GET for queries. */
export async function answerGraphql<Context extends object>(
  door: GraphqlDoor<Context>,
  facts: RequestFacts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const body = facts.method === 'POST' ? await readJson(request) : undefined;
    const context = await door.contextOf(facts);
    verifyDocument(door.documents, facts.method === 'GET' ? searchParams.get('query') : queryOf(body));
    const answer = await door.server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: facts.method, headers: headerMapOf(facts), search, body },
      context: async () => context,
    });
    response.statusCode = answer.status ?? 200;
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

/**
 * Looks at a document before Apollo Server does: validating one that was made to be expensive costs seconds, counting costs
 * nothing; and what is wrong is said in the same words at every door. That there is no document is Apollo Server's to say.
 *
 * @throws RefusedDocument
 */
function verifyDocument(documents: Documents, query: unknown): void {
  if (typeof query !== 'string' || query === '') return;
  const prepared = documents(query);
  if ('errors' in prepared) throw new RefusedDocument(prepared.errors);
}

function queryOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined;
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
  if (response.statusCode === 401) response.setHeader('www-authenticate', 'Bearer');
  response.end(JSON.stringify({ errors: errors.map(present) }));
}

function statusOf(error: unknown): number {
  if (isTooComplex(error)) return 413;
  if (error instanceof GraphQLError) return 400;
  return isFailure(error) ? (STATUS[error.code] ?? 400) : 500;
}

function headerMapOf({ headers }: RequestFacts): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, value);
  // Apollo Server guards plain GETs against other sites' pages. Without a cookie there is nothing that a page could ride on.
  if (headers['cookie'] === undefined) map.set('apollo-require-preflight', 'true');
  return map;
}
