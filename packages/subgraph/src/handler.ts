import { failure } from '@assay/failure';
import type { Principal, PrincipalVerifier } from '@assay/principal';
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { inCall } from './call.ts';
import { mapError } from './errors.ts';
import { eachEvent, resumedAt } from './events.ts';
import type { RequestTime } from './request-time.ts';
import { createSpentTokens, type SpentTokens, spendOnce } from './spent-tokens.ts';

/** One call of a subgraph: what the gateway's engine sends, over a function call or a wire. */
export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly operationName?: string | undefined;
  /** Signed for this subgraph and this call; the subgraph accepts nothing else as an identity. */
  readonly principalToken: string;
  /** Ends when whoever asked has left; what changes something finishes what it has begun. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch until which an answer is worth something. */
  readonly endsAt?: number | undefined;
  /** `traceparent` of the fetch (W3C Trace Context), where the call crosses a wire. */
  readonly trace?: string | undefined;
  /** Of a stream: the place at which it goes on, instead of where its document says. */
  readonly resumeAfter?: string | undefined;
}

/** One result of a stream, and where the stream stands with it. */
export interface SubgraphEvent extends ExecutionResult {
  /** The event's cursor, where it has one: a stream that is opened again with `resumeAfter` goes on behind it. */
  readonly place?: string;
}

/** The seam between gateway and subgraph. In one process it is this function call; in a mesh the same shape over HTTP. */
export interface SubgraphHandler {
  readonly name: string;
  execute(request: SubgraphRequest): Promise<ExecutionResult>;
  subscribe(request: SubgraphRequest): Promise<AsyncIterable<SubgraphEvent> | ExecutionResult>;
  /** Throws when the subgraph cannot answer; returns the parts it asked. */
  health(): Promise<Readonly<Record<string, PartHealth>>>;
}

/** One part that a subgraph stands on. */
export interface PartHealth {
  readonly ok: boolean;
  /** Whether questions are answered without it. */
  readonly isOptional?: boolean;
  readonly detail?: string;
  /** Milliseconds. */
  readonly ageMs?: number;
}

/** What a request may use while it runs, and how it is let go. */
export interface RequestScope<Context> {
  readonly context: Context;
  end(): Promise<void>;
}

export interface SubgraphDefinition<Context extends { readonly principal: Principal }> {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly verifyPrincipal: PrincipalVerifier;
  /** Shared with whoever else takes the same tokens; in this process's memory where that is nobody. */
  readonly spentTokens?: SpentTokens | undefined;
  /** Called once a request, and once an event of a stream. */
  openScope(principal: Principal, time?: RequestTime): RequestScope<Context>;
  report(errorId: string, error: unknown, principal: Principal | null): void;
  health: SubgraphHandler['health'];
}

/** Parsed and validated documents of one subgraph; the engine sends few, many times. */
const MAX_DOCUMENTS = 2_000;
/** Of all of them, estimated: what visitors ask is asked of subgraphs in as many shapes as they like. */
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
/** Measured: a node, its place and the tokens there take 300 to 480 bytes of heap a token. */
const BYTES_PER_TOKEN = 400;

/**
 * Makes the subgraph's handler: verify the principal, then run the document with a scope of its own that always ends.
 * Errors leave it mapped once to the closed union of codes.
 */
export function createSubgraphHandler<Context extends { readonly principal: Principal }>(
  definition: SubgraphDefinition<Context>,
): SubgraphHandler {
  const documents = new LRUCache<string, DocumentNode>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_DOCUMENT_BYTES,
    sizeCalculation: ({ tokenCount = 0 }, query) => 1_000 + 2 * query.length + tokenCount * BYTES_PER_TOKEN,
  });
  const { spentTokens = createSpentTokens() } = definition;

  const documentOf = (query: string): DocumentNode | readonly GraphQLError[] => {
    const known = documents.get(query);
    if (known) return known;
    const made = parseAndValidate(definition.schema, query);
    if ('kind' in made) documents.set(query, made);
    return made;
  };

  const runWithin = async (
    { principal, document }: Ready,
    request: Omit<SubgraphRequest, 'principalToken'>,
    rootValue?: unknown,
  ) => {
    const scope = definition.openScope(principal, request);
    try {
      const result = await execute({
        schema: definition.schema,
        document,
        rootValue,
        contextValue: scope.context,
        variableValues: request.variables ?? {},
        operationName: request.operationName ?? null,
      });
      return withMappedErrors(definition, principal, result);
    } finally {
      await scope.end();
    }
  };

  const run: typeof runWithin = (ready, request, rootValue) =>
    inCall(definition.name, ready.principal, request.trace, () => runWithin(ready, request, rootValue));

  const handler: SubgraphHandler = {
    name: definition.name,
    health: definition.health,
    execute: async (request) => {
      const ready = await prepare(definition, documentOf, request);
      if ('errors' in ready) return ready;
      if (!isMutation(ready.document, request)) return run(ready, request);
      const refused = await spending(definition, spentTokens, ready.principal, request.principalToken);
      return refused ?? run(ready, request);
    },
    subscribe: async (request) => {
      const ready = await prepare(definition, documentOf, request);
      if ('errors' in ready) return ready;
      // An event is worth its own time, not that of the request which opened the stream.
      const each: EachEvent = (event, signal) => run(ready, { ...request, endsAt: undefined, signal }, event);
      return openStream(definition, ready, request, each).catch((error: unknown) => ({
        errors: [mapError(error, (id, cause) => definition.report(id, cause, ready.principal))],
      }));
    },
  };
  definitions.set(handler, {
    schema: definition.schema,
    verifyPrincipal: definition.verifyPrincipal,
    openScope: (principal) => definition.openScope(principal),
  });
  return handler;
}

/** @returns null when the token was spent just now; otherwise why nothing is changed with it */
async function spending<Context extends { readonly principal: Principal }>(
  definition: SubgraphDefinition<Context>,
  tokens: SpentTokens,
  principal: Principal,
  token: string,
): Promise<ExecutionResult | null> {
  try {
    await spendOnce(tokens, token);
    return null;
  } catch (error) {
    return { errors: [mapError(error, (id, cause) => definition.report(id, cause, principal))] };
  }
}

function isMutation(document: DocumentNode, { operationName }: SubgraphRequest): boolean {
  return getOperationAST(document, operationName)?.operation === 'mutation';
}

/** What a handler runs: for a gateway that wants to execute a subgraph's schema by itself, as ours is measured against. */
export type SubgraphParts = Pick<
  SubgraphDefinition<{ readonly principal: Principal }>,
  'schema' | 'verifyPrincipal' | 'openScope'
>;

const definitions = new WeakMap<SubgraphHandler, SubgraphParts>();

/** @throws TypeError for a handler that {@link createSubgraphHandler} did not make */
export function partsOf(handler: SubgraphHandler): SubgraphParts {
  const parts = definitions.get(handler);
  if (!parts) throw new TypeError(`${handler.name} was made by somebody else.`);
  return parts;
}

function parseAndValidate(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: 15_000 });
    const errors = validate(schema, document, undefined, { maxErrors: 5 });
    return errors.length === 0 ? document : errors.map((error) => recoded(error, 'GRAPHQL_VALIDATION_FAILED'));
  } catch (error) {
    return [recoded(error, 'GRAPHQL_PARSE_FAILED')];
  }
}

function recoded(error: unknown, code: string): GraphQLError {
  return new GraphQLError(error instanceof Error ? error.message : 'The document cannot be read.', {
    extensions: { code },
  });
}

interface Ready {
  readonly principal: Principal;
  readonly document: DocumentNode;
}

async function prepare<Context extends { readonly principal: Principal }>(
  definition: SubgraphDefinition<Context>,
  documentOf: (query: string) => DocumentNode | readonly GraphQLError[],
  request: SubgraphRequest,
): Promise<Ready | { errors: readonly GraphQLError[] }> {
  try {
    const principal = await definition.verifyPrincipal(request.principalToken);
    const document = documentOf(request.query);
    return 'kind' in document ? { principal, document } : { errors: document };
  } catch (error) {
    return { errors: [mapError(error, (id, cause) => definition.report(id, cause, null))] };
  }
}

function withMappedErrors<Context extends { readonly principal: Principal }>(
  definition: SubgraphDefinition<Context>,
  principal: Principal,
  result: ExecutionResult,
): ExecutionResult {
  if (!result.errors) return result;
  const errors = result.errors.map((error) => mapError(error, (id, cause) => definition.report(id, cause, principal)));
  return { ...result, errors };
}

type EachEvent = (event: unknown, signal: AbortSignal) => Promise<ExecutionResult>;

/** @throws Failure BAD_USER_INPUT for what is no subscription, or cannot be resumed */
async function openStream<Context extends { readonly principal: Principal }>(
  definition: SubgraphDefinition<Context>,
  { principal, document }: Ready,
  request: SubgraphRequest,
  each: EachEvent,
): Promise<AsyncIterable<SubgraphEvent> | ExecutionResult> {
  const operation = getOperationAST(document, request.operationName);
  if (operation?.operation !== 'subscription')
    throw failure('BAD_USER_INPUT', 'Only a subscription can be subscribed to.');
  const { resumeAfter: place } = request;
  const asked = place === undefined ? document : resumedAt(place, document, operation, definition.schema);
  const scope = definition.openScope(principal);
  const source = await createSourceEventStream({
    schema: definition.schema,
    document: asked,
    contextValue: scope.context,
    variableValues: request.variables ?? {},
    operationName: request.operationName ?? null,
  });
  if (!(Symbol.asyncIterator in source)) {
    await scope.end();
    return withMappedErrors(definition, principal, source);
  }
  return eachEvent(source, each, scope.end, (error) => ({
    errors: [mapError(error, (id, cause) => definition.report(id, cause, principal))],
  }));
}
