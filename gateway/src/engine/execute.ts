import { type ExecutionResult, GraphQLError } from 'graphql';
import {
  applyRewrite,
  type EntityPlace,
  placesAt,
  type Representations,
  representationsOf,
  type TypeMatcher,
} from './entities.ts';
import { entityErrors, entityFailure, fetchFailure, rootErrors } from './errors.ts';
import type { BatchFetchNode, EntityBatch, FetchNode, FlattenNode, PlanNode } from './planner.ts';
import { isJsonObject, type JsonObject, mergeInto } from './response.ts';
import type { Transport } from './transport.ts';

/** What a plan runs against. */
export interface Execution<Context> {
  readonly transports: Readonly<Record<string, Transport<Context>>>;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Context;
  readonly signal: AbortSignal | undefined;
  readonly matches: TypeMatcher;
  /** What the fetches brought so far, in the response's shape; grows in place. */
  readonly response: JsonObject;
  readonly errors: GraphQLError[];
}

/** Runs a plan: sequences in order, the rest at once. A fetch that fails leaves its part out and an error in. */
export async function executeNode<Context>(node: PlanNode, execution: Execution<Context>): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await executeNode(child, execution);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => executeNode(child, execution)));
      return;
    case 'Condition': {
      const branch = execution.variables[node.variable] === true ? node.whenTrue : node.whenFalse;
      return branch ? executeNode(branch, execution) : undefined;
    }
    case 'Fetch':
      return fetchRoot(node, execution);
    case 'Flatten':
      return fetchEntities(node, execution);
    case 'BatchFetch':
      return fetchBatch(node, execution);
    case 'Subscription':
      // Its primary is the stream, which is open already; each event runs what follows.
      return;
  }
}

async function fetchRoot<Context>(node: FetchNode, execution: Execution<Context>): Promise<void> {
  const result = await send(node.serviceName, node.operation, usedVariables(node.variableUsages, execution), execution);
  if (result instanceof Error) {
    execution.errors.push(fetchFailure(node.serviceName, result));
    return;
  }
  takeRoot(node, result, execution);
}

/** Takes the answer of a fetch of root fields, or an event of a stream, into the response. */
export function takeRoot<Context>(
  node: FetchNode,
  result: ExecutionResult,
  execution: Pick<Execution<Context>, 'response' | 'errors' | 'matches'>,
): void {
  execution.errors.push(...rootErrors(result.errors ?? []));
  if (!isJsonObject(result.data)) return;
  for (const rewrite of node.outputRewrites) applyRewrite(result.data, rewrite, execution.matches);
  mergeInto(execution.response, result.data);
}

async function fetchEntities<Context>({ path, node }: FlattenNode, execution: Execution<Context>): Promise<void> {
  const places = placesAt(execution.response, path, execution.matches);
  const wanted = representationsOf(places, node.requires ?? [], node.inputRewrites, execution.matches);
  if (wanted.values.length === 0) return;
  const variables = { ...usedVariables(node.variableUsages, execution), representations: wanted.values };
  const result = await send(node.serviceName, node.operation, variables, execution);
  if (result instanceof Error) {
    execution.errors.push(...entityFailure(node.serviceName, result, wanted.places));
    return;
  }
  takeEntities('_entities', wanted, node, result, execution);
}

async function fetchBatch<Context>(node: BatchFetchNode, execution: Execution<Context>): Promise<void> {
  const variables: Record<string, unknown> = usedVariables(node.variableUsages, execution);
  const wanted = node.batches.map((batch) => {
    const places = batch.paths.flatMap((path) => placesAt(execution.response, path, execution.matches));
    const representations = representationsOf(places, batch.requires, batch.inputRewrites, execution.matches);
    variables[batch.variable] = representations.values;
    return { batch, representations };
  });
  if (wanted.every(({ representations }) => representations.values.length === 0)) return;
  const result = await send(node.serviceName, node.operation, variables, execution);
  for (const { batch, representations } of wanted) {
    if (result instanceof Error)
      execution.errors.push(...entityFailure(node.serviceName, result, representations.places));
    else takeEntities(batch.alias, representations, batch, result, execution);
  }
  if (!(result instanceof Error)) {
    const aliases = new Set<string | number | undefined>(node.batches.map(({ alias }) => alias));
    const others = (result.errors ?? []).filter((error) => !aliases.has(error.path?.[0]));
    execution.errors.push(...others.map((error) => fetchFailure(node.serviceName, error)));
  }
}

function takeEntities<Context>(
  key: string,
  wanted: Representations,
  { outputRewrites }: Pick<FetchNode | EntityBatch, 'outputRewrites'>,
  result: ExecutionResult,
  execution: Execution<Context>,
): void {
  const errors = (result.errors ?? []).filter((error) => key === '_entities' || error.path?.[0] === key);
  execution.errors.push(...entityErrors(errors, wanted.places));
  const entities = isJsonObject(result.data) ? result.data[key] : undefined;
  if (!Array.isArray(entities)) return;
  for (const [index, entity] of entities.entries()) {
    if (!isJsonObject(entity)) continue;
    for (const rewrite of outputRewrites) applyRewrite(entity, rewrite, execution.matches);
    for (const [nth, place] of (wanted.places[index] ?? []).entries()) completePlace(place, entity, nth > 0);
  }
}

/** Each place gets an object of its own, or a later fetch would complete two places at once. */
function completePlace(place: EntityPlace, entity: JsonObject, again: boolean): void {
  mergeInto(place.object, again ? structuredClone(entity) : entity);
}

async function send<Context>(
  service: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  { transports, context, signal }: Execution<Context>,
): Promise<ExecutionResult | Error> {
  const transport = transports[service];
  if (!transport) return new GraphQLError(`No subgraph is called ${service}.`);
  try {
    const result = await transport.execute({ query, variables, context, signal });
    return isResult(result) ? result : new GraphQLError(`${service} did not answer with a GraphQL result.`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isResult(value: unknown): value is ExecutionResult {
  return typeof value === 'object' && value !== null && ('data' in value || 'errors' in value);
}

function usedVariables<Context>(names: readonly string[], { variables }: Execution<Context>): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in variables).map((name) => [name, variables[name]]));
}
