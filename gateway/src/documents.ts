import { type Failure, failure, isFailure } from '@assay/failure';
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import { MAX_TOKENS, verifyLimits } from './limits.ts';

/** A document that may be executed, or why not. */
export type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly (GraphQLError | Failure)[] };

/** Documents by their text, measured, parsed and validated once; the same text gives the same object. */
export type Documents = (query: string) => Prepared;

const MAX_DOCUMENTS = 1_000;
/** Together; what is larger alone is not kept. */
const MAX_CACHED_CHARACTERS = 16 * 1024 * 1024;

/** @param schema the public schema */
export function createDocuments(schema: GraphQLSchema): Documents {
  const known = new LRUCache<string, Prepared>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (_prepared, query) => query.length + 1,
  });
  return (query) => {
    const found = known.get(query);
    if (found) return found;
    const made = prepare(schema, query);
    known.set(query, made);
    return made;
  };
}

function prepare(schema: GraphQLSchema, query: string): Prepared {
  try {
    const document = read(query);
    verifyLimits(document);
    const errors = problemsOf(schema, document);
    return errors.length > 0
      ? { errors: errors.map((each) => coded(each, 'GRAPHQL_VALIDATION_FAILED')) }
      : { document };
  } catch (error) {
    return { errors: [isFailure(error) ? error : coded(error, 'GRAPHQL_PARSE_FAILED')] };
  }
}

/** @throws Failure GRAPHQL_VALIDATION_FAILED where graphql-js throws instead of telling, as for a condition on a stream's root */
function problemsOf(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    return validate(schema, document, undefined, { maxErrors: 10, hideSuggestions: true });
  } catch (cause) {
    const why = cause instanceof GraphQLError ? cause.message : 'it cannot be read.';
    throw failure('GRAPHQL_VALIDATION_FAILED', `This document cannot be validated: ${why}`, { cause });
  }
}

function read(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    // graphql-js tells a document that is too long from one that is wrong by nothing but its message.
    if (!(error instanceof GraphQLError) || !error.message.includes('tokens. Parsing aborted')) throw error;
    throw failure('TOO_COMPLEX', `A document has at most ${MAX_TOKENS} names, punctuators and values.`);
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
