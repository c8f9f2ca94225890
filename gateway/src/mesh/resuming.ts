import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, failure, isFailure } from '@assay/failure';
import type { EventSourceMessage } from 'eventsource-parser';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { type StreamEvent, TextAnswer } from '../engine/index.ts';
import type { Events } from './events.ts';

/** Opens a stream at its beginning, or behind an event. */
export type OpenEvents = (place: string | undefined, signal: AbortSignal) => Promise<Events | ExecutionResult>;

export interface ResumingOptions {
  /** Gets why a connection ended. */
  report(error: unknown): void;
  /** Ends when nobody waits any more for the stream to open; afterwards it says nothing. */
  readonly opening?: AbortSignal | undefined;
  /** How long a stream is tried to be resumed. */
  readonly patienceMs?: number;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;
/** One that has lasted so long goes well, however quiet it is. */
const SETTLED_MS = 10_000;
/** A process that is started again is back sooner. */
const PATIENCE_MS = 30_000;

/**
 * A stream that outlives its connections: when one is broken off (the subgraph was started again, the certificate ran out), the next
 * goes on behind the last event that arrived. Nothing is skipped and nothing comes twice, as for a client with its cursor.
 *
 * Where that cannot be, the stream ends with an error that says so, and its reader resumes for itself.
 *
 * @throws when it does not open, or is given up before it does
 */
export async function openResuming(
  open: OpenEvents,
  { report, opening, patienceMs = PATIENCE_MS }: ResumingOptions,
): Promise<AsyncIterable<StreamEvent> | ExecutionResult> {
  opening?.throwIfAborted();
  const leaving = new AbortController();
  const giveUp = () => leaving.abort(opening?.reason);
  opening?.addEventListener('abort', giveUp, { once: true });
  try {
    const opened = await open(undefined, leaving.signal);
    return isStream(opened) ? new ResumingStream(opened, open, report, leaving, patienceMs) : opened;
  } finally {
    opening?.removeEventListener('abort', giveUp);
  }
}

class ResumingStream implements AsyncIterableIterator<StreamEvent> {
  #events: AsyncIterator<EventSourceMessage>;
  #connection: Events;
  /** Of the last event that arrived; null: it had none, so that nobody can go on behind it. */
  #place: string | undefined | null;
  #openedAt = performance.now();
  /** What is left of trying again; null: nothing is wrong. One that opens and breaks off is no better than one that does not open. */
  #trouble: { readonly until: number; waitMs: number } | null = null;
  #isOver = false;
  readonly #open: OpenEvents;
  readonly #report: (error: unknown) => void;
  readonly #leaving: AbortController;
  readonly #patienceMs: number;

  constructor(
    connection: Events,
    open: OpenEvents,
    report: (error: unknown) => void,
    leaving: AbortController,
    patienceMs: number,
  ) {
    this.#connection = connection;
    this.#events = connection[Symbol.asyncIterator]();
    this.#open = open;
    this.#report = report;
    this.#leaving = leaving;
    this.#patienceMs = patienceMs;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<StreamEvent, undefined>> {
    while (!this.#isOver) {
      try {
        const event = await this.#read();
        if (!event) break;
        return { done: false, value: event };
      } catch (error) {
        if (this.#isOver) break;
        this.#report(error);
        const last = isFailure(error) ? { errors: [shown(error)] } : await this.#resume();
        if (last) {
          await this.return();
          return { done: false, value: last };
        }
      }
    }
    return this.return();
  }

  /** @returns null when the stream is complete. @throws when it was broken off */
  async #read(): Promise<StreamEvent | null> {
    for (;;) {
      const step = await this.#events.next();
      if (step.done) throw new Error('The stream was broken off.');
      const { event = 'next', data, id } = step.value;
      if (event === 'complete') return null;
      // What it tells under another name is not for us, but stands somewhere too (HTML, section 9.2.6).
      if (event === 'next' || id !== undefined) this.#place = id ?? null;
      if (event !== 'next') continue;
      this.#trouble = null;
      return new TextAnswer(data, undefined, id);
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#connection.close();
      this.#leaving.abort();
    }
    return { done: true, value: undefined };
  }

  /** @returns null once it goes on; otherwise what is to be told last */
  async #resume(): Promise<ExecutionResult | null> {
    this.#connection.close();
    const { signal } = this.#leaving;
    if (performance.now() - this.#openedAt > SETTLED_MS) this.#trouble = null;
    this.#trouble ??= { until: performance.now() + this.#patienceMs, waitMs: 0 };
    while (this.#place !== null && performance.now() < this.#trouble.until && !this.#isOver) {
      const { waitMs } = this.#trouble;
      this.#trouble.waitMs = Math.min(waitMs * 2 || FIRST_WAIT_MS, LONGEST_WAIT_MS);
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      const opened = await this.#open(this.#place, signal).catch(() => null);
      if (opened && !isStream(opened)) return opened;
      if (opened) {
        this.#goOn(opened);
        return null;
      }
    }
    return this.#isOver ? null : { errors: [shown(broken())] };
  }

  #goOn(connection: Events): void {
    this.#connection = connection;
    this.#events = connection[Symbol.asyncIterator]();
    this.#openedAt = performance.now();
    if (this.#isOver) connection.close();
  }
}

function broken(): Failure {
  return failure('UPSTREAM_UNAVAILABLE', 'The stream was broken off. Resume it with the last cursor.');
}

function shown({ message, code }: Failure): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function isStream(opened: Events | ExecutionResult): opened is Events {
  return Symbol.asyncIterator in opened;
}
