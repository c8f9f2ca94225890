import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  print,
} from 'graphql';
import { splitIntrospection } from './introspection.ts';
import type { FetchNode, PlanNode, Planner } from './planner.ts';
import { compileSelection, type Selection } from './selection.ts';
import { withTypenames } from './typenames.ts';

/** An operation made ready once, for every request that sends the same document. */
export interface Operation {
  readonly definition: OperationDefinitionNode;
  readonly selection: Selection;
  readonly introspection: DocumentNode | null;
  /** Null when no subgraph has to be asked. */
  readonly plan: PlanNode | null;
  /** The stream of a subscription, and null for everything else. */
  readonly stream: FetchNode | null;
}

/**
 * Compiles a validated document: its selection over the public schema, and its plan.
 *
 * @throws GraphQLError when the operation is not in the document or cannot be planned
 */
export function compileOperation(
  schema: GraphQLSchema,
  planner: Planner,
  document: DocumentNode,
  operationName: string | undefined,
): Operation {
  const definition = getOperationAST(document, operationName);
  if (!definition)
    throw refused(
      operationName ? `The document has no operation "${operationName}".` : 'Name one operation of the document.',
    );
  const { introspection, rest } = splitIntrospection(schema, alone(document, definition));
  const selection = compileSelection(schema, document, definition);
  const plan = asksForData(rest) ? planner.plan(print(withTypenames(schema, rest)), definition.name?.value) : null;
  const stream = definition.operation === 'subscription' ? streamOf(plan) : null;
  return { definition, selection, introspection, plan, stream };
}

/** The client's variables, coerced with the operation's defaults. @throws GraphQLError that names each problem */
export function coerceVariables(
  schema: GraphQLSchema,
  { definition: { variableDefinitions } }: Operation,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!variableDefinitions?.length) return {};
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, { ...variables }, { maxErrors: 5 });
  if (errors) throw refused(errors.map((error) => error.message).join(' '));
  return coerced;
}

/** The document without its other operations. */
function alone(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const definitions = document.definitions.filter(
    (node) => node.kind !== Kind.OPERATION_DEFINITION || node === operation,
  );
  return { ...document, definitions };
}

function asksForData({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (node) =>
      node.kind === Kind.OPERATION_DEFINITION &&
      node.selectionSet.selections.some((each) => each.kind !== Kind.FIELD || each.name.value !== '__typename'),
  );
}

function streamOf(plan: PlanNode | null): FetchNode {
  if (plan?.kind === 'Subscription') return plan.primary;
  if (plan?.kind === 'Sequence' && plan.nodes[0]) return streamOf(plan.nodes[0]);
  throw refused('This subscription cannot be planned: it has no single stream at its root.');
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
