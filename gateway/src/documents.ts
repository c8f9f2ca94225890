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

/** Together; what is larger alone is not kept. */
const MAX_CACHED_CHARACTERS = 16 * 1024 * 1024;

/** @param schema the public schema */
export function createDocuments(
  schema: GraphQLSchema,
  limits: Limits,
  costs: Costs = () => null,
  meters?: Pick<Meters, 'reading'>,
): Documents {
  const known = new LRUCache<string, Prepared>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (_prepared, query) => query.length + 1,
  });
  return (query) => {
    const found = known.get(query);
    if (found) return found;
    const made = prepare({ schema, limits, costs, timed: stopwatch(meters) }, query);
    known.set(query, made);
    return made;
  };
}

/** What documents are made ready with. */
interface Preparation {
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  readonly costs: Costs;
  /** Does some work, and counts how long it takes. */
  timed<Result>(stage: 'parse' | 'limits' | 'validate', work: () => Result): Result;
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

function prepare({ schema, limits, costs, timed }: Preparation, query: string): Prepared {
  try {
    const document = timed('parse', () => read(query, limits.tokens));
    timed('limits', () => verifyLimits(document, limits));
    const errors = timed('validate', () => problemsOf(schema, document));
    return errors.length > 0 ? { errors: errors.map(refused) } : ready(document, query, costs);
  } catch (error) {
    if (error instanceof RangeError) return { errors: [tooNested(query)] };
    return { errors: [isFailure(error) || isTooComplex(error) ? error : coded(error, 'GRAPHQL_PARSE_FAILED')] };
  }
}

function ready(document: DocumentNode, text: string, costs: Costs): Ready {
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
      if (made) known.set(operationName, made);
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
    if (cause instanceof RangeError) throw cause;
    const why = cause instanceof GraphQLError ? cause.message : 'it cannot be read.';
    throw failure('GRAPHQL_VALIDATION_FAILED', `This document cannot be validated: ${why}`, { cause });
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
  return new GraphQLError(message ?? error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    source: error.source,
    positions: error.positions,
    extensions: { code },
  });
}
