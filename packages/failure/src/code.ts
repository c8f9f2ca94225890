/** The closed union of `errors[].extensions.code` that clients may rely on. Nothing else ever leaves the gateway. */
export const FAILURE_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'INVALID_STATE',
  'EXPIRED',
  'RATE_LIMITED',
  'TOO_COMPLEX',
  'UPSTREAM_UNAVAILABLE',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PERSISTED_QUERY_NOT_FOUND',
  'INTERNAL',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

const codes: ReadonlySet<unknown> = new Set(FAILURE_CODES);

/** Answers whether `value` is one of the codes of the closed union. */
export function isFailureCode(value: unknown): value is FailureCode {
  return codes.has(value);
}
