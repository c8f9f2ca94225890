import {
  BREAK,
  type DocumentNode,
  executeSync,
  type GraphQLSchema,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { isJsonObject, type JsonObject } from './response.ts';

/** A document cut in two: what asks about the schema itself, and what a subgraph has to answer. */
export interface SplitDocument {
  /** Null when nothing asks about the schema. */
  readonly introspection: DocumentNode | null;
  readonly rest: DocumentNode;
}

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;

/** Separates `__schema` and `__type` from the rest, wherever fragments put them; the planner gets the rest alone. */
export function splitIntrospection(schema: GraphQLSchema, document: DocumentNode): SplitDocument {
  if (!asksForSchema(document)) return { introspection: null, rest: document };
  const types = new TypeInfo(schema);
  const introspection = visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        const isAboutSchema = isSchemaField(name.value) || types.getParentType()?.name.startsWith('__');
        return isAboutSchema ? undefined : null;
      },
      SelectionSet: { leave: neverEmpty },
    }),
  );
  const rest = visit(document, {
    Field: ({ name }) => (isSchemaField(name.value) ? null : undefined),
    SelectionSet: { leave: neverEmpty },
  });
  return { introspection, rest };
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

function asksForSchema(document: DocumentNode): boolean {
  let asks = false;
  visit(document, {
    Field: ({ name }) => {
      asks ||= isSchemaField(name.value);
      return asks ? BREAK : undefined;
    },
  });
  return asks;
}

function isSchemaField(name: string): boolean {
  return name === '__schema' || name === '__type';
}

/** A selection set cannot be empty (GraphQL, section 2.4); this one costs nothing. */
function neverEmpty<Node extends { readonly selections: readonly unknown[] }>(node: Node) {
  return node.selections.length === 0 ? { ...node, selections: [TYPENAME] } : undefined;
}
