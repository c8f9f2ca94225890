import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<string>();

/** Does work that belongs to a request, or a job: each line of the log that is written meanwhile names it. */
export function inRequest<Result>(requestId: string, work: () => Result): Result {
  return requests.run(requestId, work);
}

/** Undefined outside of one. */
export function currentRequestId(): string | undefined {
  return requests.getStore();
}
