import { randomUUID } from 'node:crypto';
import { type ErrorReporter, type Failure, failure, toGraphQLError } from '@assay/failure';
import { GraphQLError } from 'graphql';

const AWAY = 'Something that this needs does not answer. Try again in a moment.';

/**
 * Maps whatever was thrown to the error that leaves a subgraph: as `toGraphQLError` does, but that a connection which could not be
 * had, or was lost, is UPSTREAM_UNAVAILABLE, with an id that is in the log.
 */
export function mapError(error: unknown, report: ErrorReporter): GraphQLError {
  if (!isAway(error)) return toGraphQLError(error, report);
  const located = error instanceof GraphQLError ? error : undefined;
  const errorId = randomUUID();
  report(errorId, located?.originalError ?? error);
  return new GraphQLError(AWAY, {
    ...(located?.nodes ? { nodes: located.nodes } : {}),
    ...(located?.path ? { path: located.path } : {}),
    extensions: { code: 'UPSTREAM_UNAVAILABLE', errorId },
  });
}

/** The end of a stream whose source is away: it has not told all, and is gone on with later. */
export function endAway(cause: unknown): Failure {
  return failure('UPSTREAM_UNAVAILABLE', AWAY, { cause });
}

/**
 * Prisma's codes for a server that is not reached or has closed the connection; SQLSTATE of class 08 (connection exception),
 * 57P01 to 57P03 (shutdown, crash, not yet there), 53300 (too many connections); Node's for a port where nobody listens.
 */
const CONNECTION = /^(P1001|P1002|P1017|08[0-9A-Z]{3}|57P0[123]|53300|ECONNREFUSED|ECONNRESET)$/;

/** Whether a connection failed, and not what was asked over it. Prisma wraps the driver's error once or twice. */
export function isAway(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; isRecord(at) && depth < 6; at = innerOf(at), depth += 1) {
    const code = at['originalCode'] ?? at['code'];
    if (typeof code === 'string' && CONNECTION.test(code)) return true;
  }
  return false;
}

function innerOf(error: Record<string, unknown>): unknown {
  const meta = error['meta'];
  return error['originalError'] ?? error['cause'] ?? (isRecord(meta) ? meta['driverAdapterError'] : undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
