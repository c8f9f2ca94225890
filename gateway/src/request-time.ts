import type { ServerResponse } from 'node:http';
import { Failure } from '@assay/failure';
import type { Transport } from './engine/index.ts';

/** How long a request is worked for: until its answer is there, its client has left, or too long has passed. */
export interface OpenTime extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Why a request is worked for no longer; it says nothing about whoever was working. */
export class RequestOver extends Failure {
  constructor(why: string) {
    super('UPSTREAM_UNAVAILABLE', why);
  }
}

/** Longer than any fetch, shorter than what clients wait for by default. */
export const DEFAULT_DEADLINE_MS = 20_000;

/** Calls back once when a client leaves. @returns what stops listening */
export type Leaving = (end: () => void) => () => void;

export function openTime(deadlineMs: number, leaving: Leaving): OpenTime {
  const ending = new AbortController();
  const late = () => ending.abort(new RequestOver(`The answer took longer than ${deadlineMs} ms.`));
  const timer = setTimeout(late, deadlineMs);
  const stay = leaving(() => ending.abort(new RequestOver('The client has left.')));
  return {
    signal: ending.signal,
    endsAt: Date.now() + deadlineMs,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      stay();
    },
  };
}

/** Tells when a client closes its connection before it has its answer. */
export function leavingOf(response: ServerResponse): Leaving {
  return (end) => {
    const closed = () => response.writableFinished || end();
    response.once('close', closed);
    return () => void response.off('close', closed);
  };
}

/** For what outlasts its own beginning, as a stream does: the signal ends when the client leaves before this is disposed of. */
export function openUntilLeft(leaving: Leaving): Disposable & { readonly signal: AbortSignal } {
  const ending = new AbortController();
  const stay = leaving(() => ending.abort(new RequestOver('The client has left.')));
  return { signal: ending.signal, [Symbol.dispose]: stay };
}

/**
 * A transport whose callers wait no longer than their request is worth: an aborted request sends nothing, and one that is aborted
 * while it waits stops waiting. What others wait for with it goes on.
 */
export function endWithRequest<Context>(transport: Transport<Context>): Transport<Context> {
  return {
    execute: async (request) => {
      const { signal } = request;
      if (!signal) return transport.execute(request);
      signal.throwIfAborted();
      const over = Promise.withResolvers<never>();
      const end = () => over.reject(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      try {
        return await Promise.race([transport.execute(request), over.promise]);
      } finally {
        signal.removeEventListener('abort', end);
      }
    },
    subscribe: (request) => transport.subscribe(request),
  };
}
