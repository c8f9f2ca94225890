import { type FailureCode, failure } from '@assay/failure';

/** What our SQL functions raise, and what it means to a caller. */
const CODES: Readonly<Record<string, FailureCode>> = {
  AS400: 'BAD_USER_INPUT',
  AS401: 'UNAUTHENTICATED',
  AS403: 'FORBIDDEN',
  AS404: 'NOT_FOUND',
  AS409: 'CONFLICT',
  AS410: 'EXPIRED',
  AS422: 'INVALID_STATE',
};

/**
 * Runs `work` and turns an exception that one of our SQL functions raised on purpose into its Failure, with its own words.
 * Everything else is thrown as it is.
 */
export async function withSqlFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const raised = raisedBySql(error);
    const code = raised && CODES[raised.state];
    throw raised && code ? failure(code, raised.message, { cause: error }) : error;
  }
}

interface Raised {
  readonly state: string;
  readonly message: string;
}

/** Prisma wraps the driver's error once or twice; the SQLSTATE is where the driver put it. */
function raisedBySql(error: unknown): Raised | null {
  for (let at: unknown = error, depth = 0; isRecord(at) && depth < 6; at = at['cause'] ?? inMeta(at), depth += 1) {
    const state = at['originalCode'] ?? at['code'];
    const message = at['originalMessage'] ?? at['message'];
    if (typeof state === 'string' && /^AS\d{3}$/.test(state) && typeof message === 'string') return { state, message };
  }
  return null;
}

function inMeta(error: Record<string, unknown>): unknown {
  return isRecord(error['meta']) ? error['meta']['driverAdapterError'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
