import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Documents by their text, parsed and validated once; for the doors that do not go through Apollo Server. */
export type Documents = (
  query: string,
) => { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

export const MAX_TOKENS = 10_000;
const MAX_DOCUMENTS = 1_000;

/** @param schema the public schema */
export function createDocuments(schema: GraphQLSchema): Documents {
  const known = new LRUCache<string, ReturnType<Documents>>({ max: MAX_DOCUMENTS });
  return (query) => {
    const made = known.get(query) ?? prepare(schema, query);
    known.set(query, made);
    return made;
  };
}

function prepare(schema: GraphQLSchema, query: string): ReturnType<Documents> {
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    const errors = validate(schema, document, undefined, { maxErrors: 10 });
    return errors.length > 0
      ? { errors: errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')) }
      : { document };
  } catch (error) {
    return { errors: [coded(error, 'GRAPHQL_PARSE_FAILED')] };
  }
}

function coded(error: unknown, code: string): GraphQLError {
  if (!(error instanceof GraphQLError))
    return new GraphQLError('The document cannot be read.', { extensions: { code } });
  return new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    source: error.source,
    positions: error.positions,
    extensions: { code },
  });
}
