import { type FloatValueNode, GraphQLError, type IntValueNode, Kind } from 'graphql';

/** What a string literal cannot hold as it is (GraphQL, section 2.9.4). */
const ESCAPED = /["\\\u0000-\u001f\u007f]/g;

/**
 * A text as a literal, in the escapes that all planners read: short ones like `\\b` come out of the native planner as other characters.
 */
export function stringLiteral(text: string): string {
  return `"${text.replace(ESCAPED, escape)}"`;
}

function escape(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * A number as a literal. Planners keep numbers in 64 bits.
 *
 * @throws GraphQLError BAD_USER_INPUT for one that does not fit there
 */
export function numberLiteral({ kind, value }: IntValueNode | FloatValueNode): string {
  const isKept = kind === Kind.FLOAT ? Number.isFinite(Number(value)) : isInteger64(value);
  if (isKept) return value;
  throw new GraphQLError(`The number ${value.slice(0, 40)} is too large to be written in a document.`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

function isInteger64(text: string): boolean {
  if (text.length < 19) return true;
  if (text.length > 20) return false;
  const value = BigInt(text);
  return value <= MAX_INTEGER && value >= -MAX_INTEGER;
}
