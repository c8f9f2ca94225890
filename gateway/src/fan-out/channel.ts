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
  /** After it nobody joins any more; it may be called again. */
  onEnd(): void;
  /** Of the one who opened the source. */
  readonly onSlow?: ((error: Error) => void) | undefined;
}

/** One stream of a subgraph's for all who read the same. */
export interface Channel {
  /**
   * Joins behind a place. What has come since is told again when it is fresh; the source's own order has nothing between.
   *
   * @returns null when the place is not one of the last, or too much has come since, or what has come has no places
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
  return new OpenChannel(options);
}

/** An event that came lately. */
interface Recent {
  readonly place: string;
  readonly event: StreamEvent;
  readonly at: number;
}

class OpenChannel implements Channel {
  readonly first: Reader;
  readonly #options: ChannelOptions;
  readonly #readers = new Set<Reader>();
  readonly #recent: Recent[] = [];
  /** The place before the first of the recent ones; undefined: nobody can say. */
  #base: string | null | undefined;
  #isFirst = true;
  #isOver = false;
  readonly #begun = Promise.withResolvers<void>();
  #resume: (() => void) | null = null;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#base = options.from ?? undefined;
    this.first = this.#add([], options.onSlow);
    void this.#read();
  }

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  join(place: string | null, onSlow?: OnSlow): Reader | null {
    if (this.#isOver) return null;
    // Nothing has come: who begins where it begins misses nothing, also of one whose events will have no places.
    if (this.#isFirst && place === this.#options.from) return this.#add([], onSlow);
    if (this.#base === undefined) return null;
    const at = place === this.#base ? 0 : this.#recent.findLastIndex((each) => each.place === place) + 1;
    if (at === 0 && place !== this.#base) return null;
    const missed = this.#recent.slice(at);
    const told = this.#options.isLatestOnly ? missed.slice(-1) : missed;
    const [oldest] = told;
    if (oldest && performance.now() - oldest.at > FRESH_MS) return null;
    return this.#add(
      told.map(({ event }) => event),
      onSlow,
    );
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const step = await this.#options.source.next();
        if (step.done || this.#isOver) return this.#end(null);
        this.#keep(step.value);
        this.#begun.resolve();
        for (const reader of this.#readers) reader.push(step.value);
        await this.#someoneReads();
        if (this.#isOver) return;
      }
    } catch (error) {
      this.#end(error);
    }
  }

  /** The source is read no faster than the quickest reader reads: a long history sends nobody away. */
  async #someoneReads(): Promise<void> {
    while (!this.#isOver && [...this.#readers].every((reader) => reader.waiting() >= AHEAD))
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    this.#resume = null;
  }

  #keep(event: StreamEvent): void {
    if (event.place === undefined) {
      // Nobody can say what comes behind it: it is its readers' own, and whoever comes next leads those who come after.
      this.#recent.length = 0;
      this.#base = undefined;
      this.#isFirst = false;
      this.#options.onEnd();
      return;
    }
    if (this.#isFirst) this.#base = this.#options.from;
    this.#isFirst = false;
    this.#recent.push({ place: event.place, event, at: performance.now() });
    if (this.#recent.length > MAX_RECENT) this.#base = this.#recent.shift()?.place;
  }

  #add(first: readonly StreamEvent[], onSlow: OnSlow | undefined): Reader {
    const { maxWaiting, isLatestOnly } = this.#options;
    const onTake = () => this.#resume?.();
    const onLeave = (left: Reader) => {
      this.#readers.delete(left);
      if (this.#readers.size === 0) this.#end(null);
      onTake();
    };
    const reader = createReader({ first, maxWaiting, isLatestOnly, onLeave, onTake, ...(onSlow ? { onSlow } : {}) });
    this.#readers.add(reader);
    return reader;
  }

  #end(error: unknown | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { source, spreadMs, onEnd } = this.#options;
    this.#begun.resolve();
    onEnd();
    if (error === null || this.#readers.size === 1) for (const reader of [...this.#readers]) reader.end(error);
    else for (const reader of this.#readers) setTimeout(() => reader.end(error), Math.random() * spreadMs);
    void source.return?.();
  }
}
