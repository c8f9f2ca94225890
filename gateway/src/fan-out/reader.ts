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

export function createReader({ first, maxWaiting, isLatestOnly, onLeave, onTake, onSlow }: ReaderOptions): Reader {
  const waiting = [...first];
  let isOver = false;
  let error: unknown | null = null;
  let wanted: PromiseWithResolvers<IteratorResult<StreamEvent, undefined>> | null = null;

  const end: Reader['end'] = (reason) => {
    if (isOver) return;
    isOver = true;
    error = reason;
    onLeave(reader);
    if (reason !== null) wanted?.reject(takeError());
    else wanted?.resolve({ done: true, value: undefined });
    wanted = null;
  };
  /** Told once: whoever asks on gets the end. */
  const takeError = () => {
    const told = error;
    error = null;
    return told;
  };

  const reader: Reader = {
    [Symbol.asyncIterator]() {
      return this;
    },
    push: (event) => {
      if (isOver) return;
      if (wanted) {
        wanted.resolve({ done: false, value: event });
        wanted = null;
        return;
      }
      if (isLatestOnly) waiting.length = 0;
      waiting.push(event);
      if (waiting.length <= maxWaiting) return;
      waiting.length = 0;
      const slow = failure('RATE_LIMITED', TOO_SLOW);
      end(slow);
      onSlow?.(slow);
    },
    waiting: () => waiting.length,
    end,
    next: () => {
      const event = waiting.shift();
      if (event) {
        onTake();
        return Promise.resolve({ done: false, value: event });
      }
      if (error !== null) return Promise.reject(takeError());
      if (isOver) return Promise.resolve({ done: true, value: undefined });
      wanted = Promise.withResolvers();
      return wanted.promise;
    },
    return: () => {
      waiting.length = 0;
      end(null);
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return reader;
}
