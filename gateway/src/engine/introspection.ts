import { type DocumentNode, executeSync, type GraphQLSchema, Kind, type SelectionNode } from 'graphql';
import { isJsonObject, type JsonObject } from './response.ts';

/** A document cut in two: what asks about the schema itself, and what a subgraph has to answer. */
export interface SplitDocument {
  readonly introspection: DocumentNode | null;
  readonly rest: DocumentNode | null;
}

/** Separates `__schema` and `__type` at the root from the rest; the planner gets the rest alone. */
export function splitIntrospection(document: DocumentNode): SplitDocument {
  return {
    introspection: keeping(document, asksForSchema),
    rest: keeping(document, (node) => !asksForSchema(node)),
  };
}

/** Answers about the public schema, by graphql-js itself; no subgraph is asked. */
export function introspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variableValues: Readonly<Record<string, unknown>>,
): JsonObject {
  const { data } = executeSync({ schema, document, operationName: operationName ?? null, variableValues });
  return isJsonObject(data) ? data : {};
}

function asksForSchema(node: SelectionNode): boolean {
  return node.kind === Kind.FIELD && (node.name.value === '__schema' || node.name.value === '__type');
}

function keeping(document: DocumentNode, keep: (node: SelectionNode) => boolean): DocumentNode | null {
  let any = false;
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const selections = definition.selectionSet.selections.filter(keep);
    any ||= selections.length > 0;
    return { ...definition, selectionSet: { ...definition.selectionSet, selections } };
  });
  return any ? { ...document, definitions } : null;
}
