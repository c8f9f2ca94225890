import { type ExecutionResult, GraphQLError } from 'graphql';
import { type Failing, fetchError, type SubgraphError } from './errors.ts';
import { isJsonObject, type JsonObject } from './response.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** What a fetch goes through. */
export interface Fetching<Context> {
  readonly transports: Readonly<Record<string, Transport<Context>>>;
  readonly operation: TransportRequest<Context>['operation'];
  readonly context: Context;
  readonly signal: AbortSignal | undefined;
}

/** What a subgraph said, told apart. */
export interface Answer {
  readonly data: JsonObject | null;
  readonly errors: readonly SubgraphError[];
  /** Why there is no data at all, when no error says where it would have been. */
  readonly failure: SubgraphError | null;
}

/** What came back of a fetch: a result that nobody has looked at, or why there is none. */
export type Reply = { readonly result: ExecutionResult } | { readonly failure: SubgraphError };

/** Sends one fetch. Never throws: a subgraph that is away is an answer too. */
export async function receive<Context>(
  fetch: Failing,
  variables: Readonly<Record<string, unknown>>,
  { transports, operation, context, signal }: Fetching<Context>,
): Promise<Reply> {
  try {
    const transport = transportOf(transports, fetch.serviceName);
    return { result: await transport.execute({ query: fetch.operation, variables, operation, context, signal }) };
  } catch (error) {
    return { failure: fetchError(fetch, error) };
  }
}

/** Reads what came back of a fetch. */
export function readReply(fetch: Failing, reply: Reply): Answer {
  if ('failure' in reply) return { data: null, errors: [], failure: reply.failure };
  try {
    return answerOf(fetch, reply.result);
  } catch (error) {
    return { data: null, errors: [], failure: fetchError(fetch, error) };
  }
}

/** Reads what a subgraph answered (GraphQL, section 7.1). */
export function answerOf(fetch: Failing, result: ExecutionResult): Answer {
  if (!isResult(result)) {
    const failure = fetchError(fetch, new Error('The answer is no GraphQL result.'));
    return { data: null, errors: [], failure };
  }
  const errors = result.errors === undefined ? [] : readErrors(result.errors);
  if (isJsonObject(result.data)) return { data: result.data, errors, failure: null };
  const placed = errors.filter(({ path }) => path !== undefined && path.length > 0);
  const [unplaced = null] = errors.filter(({ path }) => path === undefined || path.length === 0);
  if (unplaced || placed.length > 0) return { data: null, errors: placed, failure: unplaced };
  return {
    data: null,
    errors: [],
    failure: fetchError(fetch, new Error('The answer has neither data nor errors.')),
  };
}

/** A subgraph with a thousand errors in one answer is heard no further; each of them is a line in our log. */
const MAX_ERRORS = 100;

/** Errors as they should be (GraphQL, section 7.1.2), whatever was sent in their place: what is no message says nothing. */
function readErrors(sent: unknown): readonly SubgraphError[] {
  if (sent === null) return [];
  if (!Array.isArray(sent)) return [readError(sent)];
  return sent.slice(0, MAX_ERRORS).map(readError);
}

function readError(sent: unknown): SubgraphError {
  if (sent instanceof GraphQLError) return sent;
  const { message, path, extensions } = isJsonObject(sent) ? sent : {};
  return {
    message: typeof message === 'string' ? message : 'The subgraph told an error without a message.',
    path: isPath(path) ? path : undefined,
    extensions: isJsonObject(extensions) ? extensions : {},
  };
}

function isPath(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every((part) => typeof part === 'string' || typeof part === 'number');
}

/** @throws GraphQLError when the supergraph has a subgraph that nobody connected */
export function transportOf<Context>(
  transports: Fetching<Context>['transports'],
  serviceName: string,
): Transport<Context> {
  const transport = transports[serviceName];
  if (!transport) throw new GraphQLError(`No subgraph is called ${serviceName}.`);
  return transport;
}

function isResult(value: unknown): value is ExecutionResult {
  return typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);
}
