import {
  type DocumentNode,
  executeSync,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { isJsonObject, type JsonObject } from './response.ts';

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;

/** What of a document asks about the schema itself: `__schema` and `__type`, wherever fragments put them. */
export function introspectionOf(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        const isAboutSchema = isSchemaField(name.value) || types.getParentType()?.name.startsWith('__');
        return isAboutSchema ? undefined : null;
      },
      SelectionSet: { leave: neverEmpty },
    }),
  );
}

/**
 * Answers about the public schema, by graphql-js itself; no subgraph is asked.
 *
 * @throws GraphQLError BAD_USER_INPUT for a null where a condition stands: nothing else of a valid document can fail here
 */
export function introspect(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variableValues: Readonly<Record<string, unknown>>,
): JsonObject {
  const { data, errors } = executeSync({ schema, document, operationName: operationName ?? null, variableValues });
  const [wrong] = errors ?? [];
  if (wrong) throw new GraphQLError(wrong.message, { extensions: { code: 'BAD_USER_INPUT' } });
  return isJsonObject(data) ? data : {};
}

/** Answers whether a field of the root asks about the schema. */
export function isSchemaField(name: string): boolean {
  return name === '__schema' || name === '__type';
}

/** A selection set cannot be empty (GraphQL, section 2.4); this one costs nothing. */
function neverEmpty<Node extends { readonly selections: readonly unknown[] }>(node: Node) {
  return node.selections.length === 0 ? { ...node, selections: [TYPENAME] } : undefined;
}
