import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { fetchFailure } from './errors.ts';
import { type Execution, executeNode, takeRoot } from './execute.ts';
import { introspect } from './introspection.ts';
import { coerceVariables, compileOperation, type Operation } from './operation.ts';
import type { Planner } from './planner.ts';
import { project } from './project.ts';
import { publicSchema, typeMatcher } from './public-schema.ts';
import type { JsonObject } from './response.ts';
import { mapStream } from './stream.ts';
import type { Transport } from './transport.ts';

export interface EngineOptions<Context> {
  readonly supergraphSdl: string;
  readonly planner: Planner;
  /** By the names that the supergraph gives its subgraphs. */
  readonly transports: Readonly<Record<string, Transport<Context>>>;
}

export interface EngineRequest<Context> {
  /** Parsed and validated against the engine's schema. The same object for the same text, so that it is compiled once. */
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** Handed to every fetch as it is. */
  readonly context: Context;
  readonly signal?: AbortSignal | undefined;
}

/** A federation gateway without doors: documents in, results out. */
export interface Engine<Context> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  execute(request: EngineRequest<Context>): Promise<ExecutionResult>;
  /** One stream from its subgraph; the rest of the plan runs for each event. */
  subscribe(request: EngineRequest<Context>): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
}

const MAX_OPERATIONS = 2_000;

/**
 * Makes an engine over a supergraph. It knows nothing of who asks: the context travels to the transports as it is.
 *
 * @throws when the supergraph cannot be read
 */
export function createEngine<Context>({ supergraphSdl, planner, transports }: EngineOptions<Context>): Engine<Context> {
  const schema = publicSchema(planner.publicSdl);
  const matches = typeMatcher(parse(supergraphSdl, { noLocation: true }));
  const operations = new LRUCache<DocumentNode, Map<string, Operation>>({ max: MAX_OPERATIONS });

  const prepare = (request: EngineRequest<Context>) => {
    const byName = operations.get(request.document) ?? new Map<string, Operation>();
    const name = request.operationName ?? '';
    const operation = byName.get(name) ?? compileOperation(schema, planner, request.document, request.operationName);
    byName.set(name, operation);
    operations.set(request.document, byName);
    return { operation, variables: coerceVariables(schema, operation, request.variables ?? {}) };
  };

  const executionOf = (
    request: EngineRequest<Context>,
    variables: Readonly<Record<string, unknown>>,
  ): Execution<Context> => ({
    transports,
    variables,
    context: request.context,
    signal: request.signal,
    matches,
    response: {},
    errors: [],
  });

  return {
    schema,
    execute: async (request) => {
      try {
        const { operation, variables } = prepare(request);
        const execution = executionOf(request, variables);
        if (operation.plan) await executeNode(operation.plan, execution);
        return resultOf(schema, operation, request, execution);
      } catch (error) {
        return refusal(error);
      }
    },
    subscribe: async (request) => {
      try {
        const { operation, variables } = prepare(request);
        const { stream, plan } = operation;
        if (!stream || !plan) throw new GraphQLError('Only a subscription can be subscribed to.');
        const transport = transports[stream.serviceName];
        if (!transport) throw new GraphQLError(`No subgraph is called ${stream.serviceName}.`);
        const used = Object.fromEntries(
          stream.variableUsages.filter((name) => name in variables).map((name) => [name, variables[name]]),
        );
        const source = await transport.subscribe({
          query: stream.operation,
          variables: used,
          context: request.context,
          signal: request.signal,
        });
        if (!(Symbol.asyncIterator in source)) return source;
        return mapStream(source, async (event) => {
          const execution = executionOf(request, variables);
          takeRoot(stream, event, execution);
          if (Object.keys(execution.response).length > 0) await executeNode(plan, execution);
          return resultOf(schema, operation, request, execution);
        });
      } catch (error) {
        return refusal(error);
      }
    },
  };
}

function resultOf<Context>(
  schema: GraphQLSchema,
  operation: Operation,
  request: EngineRequest<Context>,
  { response, variables, errors }: Execution<Context>,
): ExecutionResult {
  const projected = project(response, operation.selection, { variables, errors });
  const data: JsonObject | null =
    projected && operation.introspection
      ? { ...projected, ...introspect(schema, operation.introspection, request.operationName, variables) }
      : projected;
  return errors.length > 0 ? { data, errors } : { data };
}

function refusal(error: unknown): ExecutionResult {
  if (error instanceof GraphQLError) return { errors: [error] };
  return { errors: [fetchFailure('the engine', error instanceof Error ? error : new Error(String(error)))] };
}
