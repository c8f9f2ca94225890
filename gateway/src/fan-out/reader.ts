import { failure } from '@assay/failure';
import type { StreamEvent } from '../engine/index.ts';

/** One of those who read a stream that several read. */
export interface Reader extends AsyncIterableIterator<StreamEvent, undefined> {
  push(event: StreamEvent): void;
  /** How many events wait for it. */
  waiting(): number;
  /** Nothing more comes, or the error does. */
  end(error: unknown | null): void;
}

export interface ReaderOptions {
  /** What came before it began to read. */
  readonly first: readonly StreamEvent[];
  /** Events that wait for a reader who is slower than they come. */
  readonly maxWaiting: number;
  /** Whether only the newest event matters, so that a slow reader may miss those before it. */
  readonly isLatestOnly: boolean;
  onLeave(reader: Reader): void;
  /** It took an event that had waited. */
  onTake(): void;
  /** It is sent away, and may be too slow to ask why. */
  onSlow?(error: Error): void;
}

/** Why a slow reader is sent away: what waits for it may not grow for ever. */
export const TOO_SLOW = 'You read more slowly than events come. Subscribe again with the last cursor.';

export function createReader(options: ReaderOptions): Reader {
  return new WaitingReader(options);
}

/** A class, as everything that thousands have one of: methods are held once, closures by each (some 300 bytes of every one). */
class WaitingReader implements Reader {
  readonly #waiting: StreamEvent[];
  readonly #options: Omit<ReaderOptions, 'first'>;
  #isOver = false;
  #error: unknown | null = null;
  #wanted: PromiseWithResolvers<IteratorResult<StreamEvent, undefined>> | null = null;

  constructor({ first, ...options }: ReaderOptions) {
    this.#waiting = [...first];
    this.#options = options;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  push(event: StreamEvent): void {
    if (this.#isOver) return;
    if (this.#wanted) {
      this.#wanted.resolve({ done: false, value: event });
      this.#wanted = null;
      return;
    }
    const { isLatestOnly, maxWaiting, onSlow } = this.#options;
    if (isLatestOnly) this.#waiting.length = 0;
    this.#waiting.push(event);
    if (this.#waiting.length <= maxWaiting) return;
    this.#waiting.length = 0;
    const slow = failure('RATE_LIMITED', TOO_SLOW);
    this.end(slow);
    onSlow?.(slow);
  }

  waiting(): number {
    return this.#waiting.length;
  }

  end(reason: unknown | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = reason;
    this.#options.onLeave(this);
    if (reason !== null) this.#wanted?.reject(this.#takeError());
    else this.#wanted?.resolve({ done: true, value: undefined });
    this.#wanted = null;
  }

  next(): Promise<IteratorResult<StreamEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event) {
      this.#options.onTake();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#error !== null) return Promise.reject(this.#takeError());
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    this.#wanted = Promise.withResolvers();
    return this.#wanted.promise;
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#waiting.length = 0;
    this.end(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Told once: whoever asks on gets the end. */
  #takeError(): unknown {
    const told = this.#error;
    this.#error = null;
    return told;
  }
}
