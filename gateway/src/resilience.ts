import {
  bulkhead,
  ConstantBackoff,
  circuitBreaker,
  handleWhen,
  type IPolicy,
  isBulkheadRejectedError,
  isTaskCancelledError,
  noop,
  retry,
  SamplingBreaker,
  wrap,
} from 'cockatiel';
import type { ExecutionResult } from 'graphql';
import { isRefused, type Transport } from './engine/index.ts';
import { RequestOver } from './request-time.ts';

/** How much of one subgraph's trouble is everybody's. */
export interface ResilienceOptions {
  /** Fetches at once; a slow subgraph holds no more of the gateway than these and those that wait. */
  readonly atOnce?: number;
  readonly waiting?: number;
  /** Over `sampleMs`, with at least `leastPerSecond` fetches a second: when so large a part fails, none is sent for `restMs`. */
  readonly failing?: number;
  readonly sampleMs?: number;
  readonly leastPerSecond?: number;
  readonly restMs?: number;
}

/** A subgraph's answer that is one, with a status that says it failed: the client gets it, and the circuit counts it. */
export class FailedAnswer extends Error {
  override readonly name = 'FailedAnswer';
  readonly result: ExecutionResult;

  constructor(status: number, result: ExecutionResult) {
    super(`It answered with status ${status}.`);
    this.result = result;
  }
}

const RETRY_AFTER_MS = 50;

/**
 * A transport that keeps a subgraph's trouble to itself:
 * - a bulkhead: so many fetches at once, so many that wait, and beyond that an error at once;
 * - a circuit breaker: where most fetches fail, none is sent for a while, then one to see;
 * - one retry of a read whose connection was refused, since nothing of it can have run. Nothing else is tried again.
 *
 * Streams are opened as they are.
 */
export function resilient<Context>(
  transport: Transport<Context>,
  {
    atOnce = 256,
    waiting = 4_096,
    failing = 0.5,
    sampleMs = 10_000,
    leastPerSecond = 5,
    restMs = 5_000,
  }: ResilienceOptions = {},
): Transport<Context> {
  const breaker = circuitBreaker(handleWhen(isTrouble), {
    halfOpenAfter: restMs,
    breaker: new SamplingBreaker({ threshold: failing, duration: sampleMs, minimumRps: leastPerSecond }),
  });
  const once = wrap(breaker, bulkhead(atOnce, waiting));
  const again = retry(handleWhen(isRefused), { maxAttempts: 1, backoff: new ConstantBackoff(RETRY_AFTER_MS) });
  const policies: Readonly<Record<'read' | 'change', IPolicy>> = { read: wrap(again, once), change: wrap(noop, once) };
  return {
    execute: (request) => {
      const policy = request.operation === 'mutation' ? policies.change : policies.read;
      return policy
        .execute<ExecutionResult>(() => transport.execute(request), request.signal)
        .catch((error: unknown) => {
          if (error instanceof FailedAnswer) return error.result;
          throw error;
        });
    },
    subscribe: (request) => transport.subscribe(request),
  };
}

/** A request that is over, or had no place here, says nothing about the subgraph. */
function isTrouble(error: unknown): boolean {
  return !(error instanceof RequestOver || isBulkheadRejectedError(error) || isTaskCancelledError(error));
}
