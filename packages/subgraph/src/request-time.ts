import { type Failure, failure } from '@assay/failure';

/** How long a request is worth working for. */
export interface RequestTime {
  /** Milliseconds since the epoch; what is not done by then nobody waits for. */
  readonly endsAt?: number | undefined;
  /** Ends when whoever asked has left. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Milliseconds that are left, at most `mostMs`.
 *
 * @throws Failure UPSTREAM_UNAVAILABLE when nobody waits any more: nothing new is begun then
 */
export function timeLeft({ endsAt, signal }: RequestTime, mostMs: number): number {
  const left = endsAt === undefined ? mostMs : Math.min(endsAt - Date.now(), mostMs);
  if (left < 1 || signal?.aborted) throw timeOver();
  return left;
}

/** What is told of work that was left, to whoever may still listen. */
export function timeOver(cause?: unknown): Failure {
  return failure('UPSTREAM_UNAVAILABLE', 'The time of this request is over.', { cause });
}
