import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '@assay/failure';
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
        const step = await this.#events.next();
        if (step.done) throw new Error('The stream was broken off.');
        if (step.value.event === 'complete') break;
        this.#place = step.value.id ?? null;
        return { done: false, value: new TextAnswer(step.value.data, undefined, step.value.id) };
      } catch (error) {
        if (this.#isOver) break;
        this.#report(error);
        const last = await this.#resume();
        if (last) {
          await this.return();
          return { done: false, value: last };
        }
      }
    }
    return this.return();
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
    const until = Date.now() + this.#patienceMs;
    for (let waitMs = FIRST_WAIT_MS; this.#place !== null && Date.now() < until && !this.#isOver; waitMs *= 2) {
      const opened = await this.#open(this.#place, this.#leaving.signal).catch(() => null);
      if (opened && !isStream(opened)) return opened;
      if (opened) {
        this.#connection = opened;
        this.#events = opened[Symbol.asyncIterator]();
        if (this.#isOver) opened.close();
        return null;
      }
      await sleep(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal: this.#leaving.signal }).catch(
        () => undefined,
      );
    }
    return this.#isOver ? null : { errors: [broken()] };
  }
}

function broken(): GraphQLError {
  const { message, code } = failure(
    'UPSTREAM_UNAVAILABLE',
    'The stream was broken off. Resume it with the last cursor.',
  );
  return new GraphQLError(message, { extensions: { code } });
}

function isStream(opened: Events | ExecutionResult): opened is Events {
  return Symbol.asyncIterator in opened;
}
