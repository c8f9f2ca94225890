import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { type FailureCode, failure, isFailure } from '@assay/failure';
import type { Access, RequestFacts } from '../access/port.ts';
import type { PresentError } from '../errors.ts';
import type { FetchContext } from '../transport.ts';
import { readBody } from './facts.ts';

const MAX_BODY_BYTES = 512 * 1024;
const STATUS: Readonly<Partial<Record<FailureCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  TOO_COMPLEX: 413,
  RATE_LIMITED: 429,
  UPSTREAM_UNAVAILABLE: 503,
};

export interface GraphqlDoor {
  readonly server: ApolloServer<FetchContext>;
  readonly access: Access;
  readonly present: PresentError;
}

/** GraphQL over HTTP (GraphQL Foundation draft): POST, and GET for queries. */
export async function answerGraphql(
  door: GraphqlDoor,
  facts: RequestFacts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await parseBody(request);
    const principal = await door.access.principalOf(facts);
    const answer = await door.server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: facts.method,
        headers: headerMapOf(facts),
        search: new URL(request.url ?? '/', 'http://localhost').search,
        body,
      },
      context: async () => ({ principal }),
    });
    response.statusCode = answer.status ?? 200;
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    if (answer.body.kind === 'complete') response.end(answer.body.string);
    else Readable.from(answer.body.asyncIterator).pipe(response);
  } catch (error) {
    refuse(door, error, response);
  }
}

/** An error of the door itself, in the shape of a GraphQL answer. */
function refuse({ present }: GraphqlDoor, error: unknown, response: ServerResponse): void {
  const shown = present(error);
  response.statusCode = isFailure(error) ? (STATUS[error.code] ?? 400) : 500;
  response.setHeader('content-type', 'application/graphql-response+json; charset=utf-8');
  if (response.statusCode === 413) response.setHeader('connection', 'close');
  response.end(JSON.stringify({ errors: [shown] }));
}

async function parseBody(request: IncomingMessage): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const bytes = await readBody(request, MAX_BODY_BYTES);
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(;|$)/i.test(type)) throw failure('BAD_USER_INPUT', 'Send GraphQL as application/json.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw failure('BAD_USER_INPUT', 'The body is not JSON.', { cause });
  }
}

function headerMapOf({ headers }: RequestFacts): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, value);
  return map;
}
