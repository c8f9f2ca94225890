import { type ASTNode, GraphQLError, Source } from 'graphql';
import type { LimitName } from './limits.ts';

/** What was found to be too much. */
export interface Excess {
  readonly limit: LimitName;
  /** As a reader says it: `levels of fields`. */
  readonly what: string;
  readonly value: number;
  readonly maximum: number;
  /** The innermost place that is too much by itself. */
  readonly node?: ASTNode | undefined;
  /** The same where it is no node. */
  readonly at?: { readonly source: Source; readonly position: number };
  /** Response keys on the way there. */
  readonly path?: readonly string[];
}

/**
 * The refusal of a document: which limit, what it has and may have, and where. `extensions.limit` says the same to a program.
 * The path is in the extension, since `path` of an error is a place in a response (GraphQL, 7.1.2), and there is none.
 */
export function tooComplex({ limit, what, value, maximum, node, at, path = [] }: Excess): GraphQLError {
  const place = path.length > 0 ? ` (at ${path.join('.')})` : '';
  return new GraphQLError(`A document has at most ${maximum} ${what}; this one has ${shown(value)}${place}.`, {
    ...(node ? { nodes: node } : {}),
    ...(at ? { source: at.source, positions: [at.position] } : {}),
    extensions: {
      code: 'TOO_COMPLEX',
      limit: { name: limit, value: finite(value), maximum, ...(path.length > 0 ? { path } : {}) },
    },
  });
}

/** The refusal of a text that the parser stopped reading. It has at least one token more than it may have. */
export function tooManyTokens(maximum: number, source: string, position: number | undefined): GraphQLError {
  return new GraphQLError(
    `A document has at most ${maximum} tokens (names, punctuators and values); this one has more.`,
    {
      ...(position === undefined ? {} : { source: new Source(source), positions: [position] }),
      extensions: { code: 'TOO_COMPLEX', limit: { name: 'tokens', value: maximum + 1, maximum } },
    },
  );
}

/** Selections, values and types within each other: no parser and no walk goes deeper. */
export const MAX_NESTING = 200;

/** The refusal of a text on which the parser's stack ran out: values or types within each other. */
export function tooNested(text: string): GraphQLError {
  let [level, value] = [0, 0];
  for (const mark of text.match(/[{[()\]}]/g) ?? []) {
    level += '{[('.includes(mark) ? 1 : -1;
    value = Math.max(value, level);
  }
  return tooComplex({ limit: 'nesting', what: 'values or selections within each other', value, maximum: MAX_NESTING });
}

/** What graphql-js compares at most to tell whether fields can be merged (GraphQL, 5.3.2). */
const MAX_COMPARISONS = 500_000;

/** The refusal of a document of which graphql-js stopped comparing fields: it tells neither how many it would have been, nor where. */
export function tooManyComparisons(): GraphQLError {
  return new GraphQLError(
    `A document has at most ${MAX_COMPARISONS} comparisons of fields by the same name in one selection, fragments in their place; this one has more.`,
    {
      extensions: {
        code: 'TOO_COMPLEX',
        limit: { name: 'comparisons', value: MAX_COMPARISONS + 1, maximum: MAX_COMPARISONS },
      },
    },
  );
}

/** The refusal of parameters whose values stand deeper within each other than any walk goes: at least one level too deep. */
export function tooNestedParams(name: string): GraphQLError {
  return new GraphQLError(`"${name}" has at most ${MAX_NESTING} values within each other; this one has more.`, {
    extensions: { code: 'TOO_COMPLEX', limit: { name: 'nesting', value: MAX_NESTING + 1, maximum: MAX_NESTING } },
  });
}

/** The refusal of a body, at the byte that is too much or by the length that it announces. */
export function tooManyBytes(maximum: number, value: number): GraphQLError {
  return new GraphQLError(`A request has at most ${maximum} bytes; this one has ${value} or more.`, {
    extensions: { code: 'TOO_COMPLEX', limit: { name: 'bytes', value, maximum } },
  });
}

/** Whether it refuses what is too much. */
export function isTooComplex(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && error.extensions['code'] === 'TOO_COMPLEX';
}

/** Fragments that double each other give figures that no JSON holds. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

function shown(value: number): string {
  return value > Number.MAX_SAFE_INTEGER ? 'more than can be counted' : String(value);
}
