import type { FailureCode } from '@assay/failure';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { StreamEvent } from '../engine/index.ts';
import { whyClosed, whyFailed } from './socket-endings.ts';

export interface SocketStreamOptions {
  /** ws: or wss:, without a fragment. */
  readonly url: URL;
  /** How long a stream may take to open, and then the other end to answer a ping. */
  readonly patienceMs: number;
  /** The most that one message may hold. */
  readonly maxBytes: number;
  /** Gets why a stream was broken off or did not open, in words that are not for clients. */
  report(error: Error): void;
}

/** For a subgraph that does not answer the end of a connection. */
const FAREWELL_MS = 2_000;

/** One subscription over a connection of its own, from the handshake to whichever end comes first: `complete`, its reader's leaving, a fault. */
export class SocketStream implements AsyncIterableIterator<StreamEvent> {
  readonly #socket: WebSocket;
  readonly #options: SocketStreamOptions;
  readonly #opened = Promise.withResolvers<void>();
  readonly #waiting: StreamEvent[] = [];
  readonly #watch: NodeJS.Timeout;
  readonly #leave: () => void;
  #wanted: PromiseWithResolvers<IteratorResult<StreamEvent, undefined>> | null = null;
  #isOpen = false;
  #isHeard = true;
  #isOver = false;

  constructor(
    socket: WebSocket,
    asked: { readonly query: string; readonly variables: Record<string, unknown> },
    authorization: string | undefined,
    options: SocketStreamOptions,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#watch = setInterval(() => this.#look(), options.patienceMs).unref();
    // Before graphql-ws hears of it, which would ask again over a connection that was closed with 1000: what was told meanwhile would be missing.
    socket.once('close', (code, reason) => this.breakOff(...whyClosed(code), String(reason)));
    socket.on('error', (error) => this.breakOff(...whyFailed(error, options.maxBytes), error));
    socket.on('pong', () => this.#hear());
    const client = createClient({
      url: options.url.href,
      webSocketImpl: only(socket),
      lazy: true,
      retryAttempts: 0,
      ...(authorization === undefined ? {} : { connectionParams: { authorization } }),
      on: { connected: () => this.#begin() },
    });
    this.#leave = client.subscribe(asked, {
      next: (event) => this.#tell(resultFrom(event)),
      error: (error) => this.#refuse(error),
      complete: () => this.#end(),
    });
  }

  /** Settles once the subgraph has taken the connection, and the subscription is on its way. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async next(): Promise<IteratorResult<StreamEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event) return { done: false, value: event };
    if (this.#isOver) return { done: true, value: undefined };
    this.#wanted = Promise.withResolvers();
    this.#hear();
    this.#socket.resume();
    return this.#wanted.promise;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#waiting.length = 0;
    this.#end();
    return { done: true, value: undefined };
  }

  giveUp(reason: unknown): void {
    this.#opened.reject(reason);
    this.#end();
  }

  /** @param why ends the sentence that clients read. @param cause for the log */
  breakOff(code: FailureCode, why: string, cause?: unknown): void {
    if (this.#isOver) return;
    const told = `${this.#isOpen ? 'The stream was broken off' : 'The stream could not be opened'}: ${why}.`;
    const heard = cause instanceof Error ? cause.message : cause;
    this.#options.report(new Error(heard ? `${told} (${heard})` : told, { cause }));
    const error = new GraphQLError(told, { extensions: { code } });
    if (this.#isOpen) this.#tell({ errors: [error] });
    else this.#opened.reject(error);
    this.#end();
    this.#socket.terminate();
  }

  #begin(): void {
    this.#isOpen = true;
    this.#opened.resolve();
  }

  /** Read no faster than it is asked for: the subgraph waits, not what it tells. */
  #tell(event: StreamEvent): void {
    if (this.#isOver) return;
    if (!this.#wanted) {
      this.#waiting.push(event);
      return this.#socket.pause();
    }
    this.#wanted.resolve({ done: false, value: event });
    this.#wanted = null;
  }

  /** The protocol's `error`, which ends the operation; whatever else is one of graphql-ws: what came was no message of the protocol. */
  #refuse(error: unknown): void {
    if (!Array.isArray(error))
      return this.breakOff('UPSTREAM_UNAVAILABLE', 'what came from the subgraph is no message of its protocol', error);
    this.#tell(resultFrom({ errors: error }));
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#watch);
    this.#wanted?.resolve({ done: true, value: undefined });
    this.#wanted = null;
    this.#leave();
    if (!this.#isOpen) return this.#socket.terminate();
    // Its farewell is to be read, and nothing else.
    this.#socket.resume();
    const late = setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
    this.#socket.once('close', () => clearTimeout(late));
  }

  #look(): void {
    if (!this.#isOpen) return this.breakOff('UPSTREAM_UNAVAILABLE', 'the subgraph took too long');
    // Nobody hears a pong of it meanwhile.
    if (this.#socket.isPaused) return;
    if (!this.#isHeard) return this.breakOff(...whyClosed(LOST));
    this.#isHeard = false;
    this.#socket.ping();
  }

  #hear(): void {
    this.#isHeard = true;
  }
}

/** RFC 6455, section 7.4.1: closed without a word. */
const LOST = 1006;

/** graphql-ws makes a socket whenever it wants one: here it gets the one that there is. */
function only(socket: WebSocket): unknown {
  const { CONNECTING, OPEN, CLOSING, CLOSED } = WebSocket;
  return Object.assign(
    function given() {
      return socket;
    },
    { CONNECTING, OPEN, CLOSING, CLOSED },
  );
}

/** The engine looks at what is in it; that it is an object is all that is known here. */
function resultFrom(event: object): ExecutionResult {
  return event;
}
