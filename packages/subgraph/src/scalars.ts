import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** RFC 3339 in UTC with milliseconds, such as `2026-11-23T09:30:00.000Z`. A value without an offset is refused. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A moment as RFC 3339 in UTC, with milliseconds: `2026-11-23T09:30:00.000Z`.',
  serialize: (value) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw new GraphQLError('A DateTime is made from a valid date.');
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function parseDateTime(value: unknown): Date {
  if (typeof value === 'string' && RFC3339.test(value)) {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime())) return date;
  }
  throw new GraphQLError('A DateTime is an RFC 3339 string with an offset, such as "2026-11-23T09:30:00Z".', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

/** A whole number of bytes: a JSON number while it is a safe integer, a decimal string above that. */
export const BigIntScalar = new GraphQLScalarType<bigint, number | string>({
  name: 'BigInt',
  description:
    'A whole number that may exceed 32 bits, such as a size in bytes. A JSON number while it is a safe integer.',
  serialize: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    if (typeof value !== 'bigint') throw new GraphQLError('A BigInt is made from a bigint or a safe integer.');
    return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
      ? Number(value)
      : value.toString();
  },
  parseValue: parseBigInt,
  parseLiteral: (node) => parseBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined),
});

function parseBigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,18}$/.test(value)) return BigInt(value);
  throw new GraphQLError('A BigInt is a whole number of at most 18 digits.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
