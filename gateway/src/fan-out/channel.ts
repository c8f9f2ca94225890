import type { StreamEvent } from '../engine/index.ts';
import { createReader, type Reader } from './reader.ts';

export interface ChannelOptions {
  readonly source: AsyncIterableIterator<StreamEvent>;
  /** The place behind which the source began; null: at its beginning. */
  readonly from: string | null;
  readonly maxWaiting: number;
  readonly isLatestOnly: boolean;
  /** When the source fails, those who read it are told within so long, and not all at once: they will come back. */
  readonly spreadMs: number;
  /** After it nobody joins any more. */
  onEnd(): void;
  /** Of the one who opened the source. */
  readonly onSlow?: ((error: Error) => void) | undefined;
}

/** One stream of a subgraph's for all who read the same. */
export interface Channel {
  /**
   * Joins behind a place. What has come since is told again when it is fresh; the source's own order has nothing between.
   *
   * @returns null when the place is not one of the last, or too much has come since
   */
  join(place: string | null, onSlow?: OnSlow): Reader | null;
  /** Resolves with the first event, or the end. */
  readonly begun: Promise<void>;
}

type OnSlow = (error: Error) => void;

/** As long as a caller's rights are believed: what is told again to one who joins is no older. */
const FRESH_MS = 5_000;
const MAX_RECENT = 256;
/** Events that the source is read ahead of the quickest reader. */
const AHEAD = 16;

/** Reads the source while somebody reads the channel. @returns the first reader, who opened the source */
export function openChannel(options: ChannelOptions): Channel & { readonly first: Reader } {
  const { source, maxWaiting, isLatestOnly, spreadMs, onEnd } = options;
  const readers = new Set<Reader>();
  const recent: { readonly place: string; readonly event: StreamEvent; readonly at: number }[] = [];
  /** The place before the first of the recent ones; undefined: nobody can say. */
  let base: string | null | undefined = options.from ?? undefined;
  let isFirst = true;
  let isOver = false;
  const begun = Promise.withResolvers<void>();

  const end = (error: unknown | null) => {
    if (isOver) return;
    isOver = true;
    begun.resolve();
    onEnd();
    if (error === null || readers.size === 1) for (const reader of [...readers]) reader.end(error);
    else for (const reader of readers) setTimeout(() => reader.end(error), Math.random() * spreadMs);
    void source.return?.();
  };
  let resume: (() => void) | null = null;
  const onTake = () => resume?.();
  const onLeave = (reader: Reader) => {
    readers.delete(reader);
    if (readers.size === 0) end(null);
    onTake();
  };
  /** The source is read no faster than the quickest reader reads: a long history sends nobody away. */
  const someoneReads = async () => {
    while (!isOver && [...readers].every((reader) => reader.waiting() >= AHEAD))
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    resume = null;
  };
  const add = (first: readonly StreamEvent[], onSlow: OnSlow | undefined): Reader => {
    const reader = createReader({ first, maxWaiting, isLatestOnly, onLeave, onTake, ...(onSlow ? { onSlow } : {}) });
    readers.add(reader);
    return reader;
  };
  const keep = (event: StreamEvent) => {
    if (event.place === undefined) {
      // Nobody can say what comes behind it.
      recent.length = 0;
      base = undefined;
      isFirst = false;
      return;
    }
    if (isFirst) base = options.from;
    isFirst = false;
    recent.push({ place: event.place, event, at: performance.now() });
    if (recent.length > MAX_RECENT) base = recent.shift()?.place;
  };
  const read = async () => {
    try {
      for (;;) {
        const step = await source.next();
        if (step.done || isOver) return end(null);
        keep(step.value);
        begun.resolve();
        for (const reader of readers) reader.push(step.value);
        await someoneReads();
        if (isOver) return;
      }
    } catch (error) {
      end(error);
    }
  };

  const first = add([], options.onSlow);
  void read();
  return {
    first,
    begun: begun.promise,
    join: (place, onSlow) => {
      if (isOver || base === undefined) return null;
      const at = place === base ? 0 : recent.findLastIndex((each) => each.place === place) + 1;
      if (at === 0 && place !== base) return null;
      const missed = recent.slice(at);
      const told = isLatestOnly ? missed.slice(-1) : missed;
      const oldest = told[0];
      if (oldest && performance.now() - oldest.at > FRESH_MS) return null;
      return add(
        told.map(({ event }) => event),
        onSlow,
      );
    },
  };
}
