import { type Failure, failure, isFailure } from '@assay/failure';
import { BREAK, type DocumentNode, GraphQLError, type GraphQLSchema, parse, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import { MAX_DOCUMENTS } from './engine/index.ts';
import type { Costs, OperationCost } from './limits/cost/cost.ts';
import type { Limits } from './limits/limits.ts';
import { verifyLimits } from './limits/measure.ts';
import { isTooComplex, tooManyTokens, tooNested } from './limits/refusal.ts';
import type { Meters } from './meters.ts';
import { validateDocument } from './validation.ts';

/** A document that may be executed, and what is known of it whoever asks. */
export interface Ready {
  readonly document: DocumentNode;
  readonly text: string;
  /** Whether anything in it asks about the schema itself (`__schema`, `__type`). */
  readonly asksSchema: boolean;
  /** Of one operation, compiled once; null where nothing is known of costs or there is no such operation. */
  costOf(operationName: string | undefined): OperationCost | null;
}

/** Why a document may not be executed. */
export interface Refused {
  readonly errors: readonly (GraphQLError | Failure)[];
}

export type Prepared = Ready | Refused;

/** Documents by their text, measured, parsed and validated once; the same text gives the same object. */
export type Documents = (query: string) => Prepared;

/** What is kept of all documents together, estimated; what is larger alone is not kept. */
export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
/** Measured: a node, its place and the tokens there take 300 to 480 bytes of heap a token, a hundred times the text itself. */
const BYTES_PER_TOKEN = 400;
/** Measured: the cost of a field takes 110 to 180. */
const BYTES_PER_COST = 200;
const BYTES_PER_ERROR = 1_000;
/** A document's own, beside what grows with it. */
const LEAST_BYTES = 1_000;

/** What is kept of one text, and how large it is by now. */
interface Kept {
  readonly prepared: Prepared;
  readonly bytes: number;
}

/** @param schema the public schema */
export function createDocuments(
  schema: GraphQLSchema,
  limits: Limits,
  costs: Costs = () => null,
  meters?: Pick<Meters, 'reading'>,
): Documents {
  const known = new LRUCache<string, Kept>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_DOCUMENT_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });
  return (query) => {
    const found = known.get(query);
    if (found) return found.prepared;
    const grow = (more: number) => {
      const kept = known.peek(query);
      // Who was forgotten meanwhile stays so: another may have been made of the same text.
      if (kept?.prepared === prepared) known.set(query, { prepared, bytes: kept.bytes + more });
    };
    const prepared = prepare({ schema, limits, costs, timed: stopwatch(meters), grow }, query);
    known.set(query, { prepared, bytes: bytesOf(prepared, query) });
    return prepared;
  };
}

function bytesOf(prepared: Prepared, query: string): number {
  const held =
    'errors' in prepared
      ? prepared.errors.reduce((sum, { message }) => sum + BYTES_PER_ERROR + 2 * message.length, 0)
      : (prepared.document.tokenCount ?? query.length) * BYTES_PER_TOKEN;
  return LEAST_BYTES + 2 * query.length + held;
}

/** What documents are made ready with. */
interface Preparation {
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  readonly costs: Costs;
  /** Does some work, and counts how long it takes. */
  timed<Result>(stage: 'parse' | 'limits' | 'validate', work: () => Result): Result;
  /** Takes so many bytes more for what was made of the document after it was ready. */
  grow(bytes: number): void;
}

function stopwatch(meters: Pick<Meters, 'reading'> | undefined): Preparation['timed'] {
  return (stage, work) => {
    const stop = meters?.reading.startTimer({ stage });
    try {
      return work();
    } finally {
      stop?.();
    }
  };
}

function prepare({ schema, limits, costs, timed, grow }: Preparation, query: string): Prepared {
  try {
    const document = timed('parse', () => read(query, limits.tokens));
    timed('limits', () => verifyLimits(document, limits));
    const errors = timed('validate', () => problemsOf(schema, document));
    return errors.length > 0 ? { errors: errors.map(refused) } : ready(document, query, costs, grow);
  } catch (error) {
    if (error instanceof RangeError) return { errors: [tooNested(query)] };
    if (isFailure(error)) return { errors: [error] };
    return { errors: [isTooComplex(error) ? plain(error) : coded(error, 'GRAPHQL_PARSE_FAILED')] };
  }
}

function ready(document: DocumentNode, text: string, costs: Costs, grow: (bytes: number) => void): Ready {
  const known = new Map<string | undefined, OperationCost | null>();
  return {
    document,
    text,
    asksSchema: asksSchema(document),
    costOf: (operationName) => {
      const found = known.get(operationName);
      if (found !== undefined) return found;
      const made = costs(document, operationName);
      // Names that no operation has are anybody's to invent.
      if (!made) return null;
      known.set(operationName, made);
      grow(made.size * BYTES_PER_COST);
      return made;
    },
  };
}

function asksSchema(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field: ({ name }) => {
      found ||= name.value === '__schema' || name.value === '__type';
      return found ? BREAK : undefined;
    },
  });
  return found;
}

/** @throws Failure GRAPHQL_VALIDATION_FAILED where graphql-js throws instead of telling, as for a condition on a stream's root */
function problemsOf(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    return validateDocument(schema, document);
  } catch (cause) {
    if (cause instanceof RangeError || isTooComplex(cause)) throw cause;
    const why = cause instanceof GraphQLError ? cause.message : 'it cannot be read.';
    // Without the cause, which would hold the document for as long as its refusal is kept.
    throw failure('GRAPHQL_VALIDATION_FAILED', `This document cannot be validated: ${why}`);
  }
}

function read(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    // graphql-js tells a document that is too long from one that is wrong by nothing but its message.
    if (!(error instanceof GraphQLError) || !error.message.includes('tokens. Parsing aborted')) throw error;
    throw tooManyTokens(maxTokens, query, error.positions?.[0]);
  }
}

/** What is wrong with a document, in words that say what to do where graphql-js only knows no such directive. */
function refused(error: GraphQLError): GraphQLError {
  const [, directive] = /^Unknown directive "@(defer|stream)"/.exec(error.message) ?? [];
  const message = `@${directive} is not served: answers come whole. Leave the directive out.`;
  return coded(error, 'GRAPHQL_VALIDATION_FAILED', directive ? message : error.message);
}

function coded(error: unknown, code: string, message?: string): GraphQLError {
  if (!(error instanceof GraphQLError))
    return new GraphQLError('The document cannot be read.', { extensions: { code } });
  return plain(error, message, { code });
}

/**
 * An error that knows its places, and not the nodes there: each of those would hold the whole document and all its tokens. So
 * would the frames of its stack, until somebody reads them: whoever calls is among them, with what it was called on.
 */
function plain(error: GraphQLError, message = error.message, extensions = error.extensions): GraphQLError {
  const { source, positions } = error;
  const made = new GraphQLError(message, { source, positions, extensions });
  made.stack = `${made.name}: ${message}`;
  return made;
}
