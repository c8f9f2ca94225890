import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '@assay/failure';
import type { ExecutionResult } from 'graphql';
import type { RequestFacts } from '../access/port.ts';
import { TOO_SLOW } from '../fan-out/reader.ts';
import { RateLimited } from '../rate/refusal.ts';
import { leavingOf } from '../request-time.ts';
import { setAll, tellRates } from './answer-headers.ts';
import { readJson } from './body.ts';
import { type Caller, endOfGateway, endOfPrincipal, type LiveDoor, refusal, refusedDocument, runLive } from './live.ts';
import { parseParams } from './params.ts';

/** Keeps proxies from taking a quiet stream for a dead one. */
const PING_MS = 12_000;
/** For a client who is sent away to read why. */
const FAREWELL_MS = 2_000;

/** Answers whether a request asks for a stream of events. */
export function wantsEvents({ method, headers: { accept = '' } }: IncomingMessage): boolean {
  return method === 'POST' && accept.split(',').some(isEventStream);
}

/** One range of Accept (RFC 9110, section 12.5.1), in any case; a weight of zero says that it is not wanted. */
function isEventStream(range: string): boolean {
  const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  return type === 'text/event-stream' && !parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter));
}

/**
 * GraphQL over Server-Sent Events, distinct connections mode (graphql-sse PROTOCOL.md): `next` with each result, then `complete`.
 * An error is a `next` with errors, then `complete`; so is the end of the principal.
 */
export async function answerEvents<Context>(
  door: LiveDoor<Context>,
  facts: RequestFacts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  try {
    const arrived = (await door.rates?.arrive(facts.address)) ?? [];
    const params = parseParams(await readJson(message));
    const again = () => door.askers.askerOf(facts);
    const slow = Promise.withResolvers<void>();
    const leaving = leavingOf(response);
    const caller: Caller<Context> = { asker: await again(), again, facts, leaving, onSlow: () => slow.resolve() };
    const ready = await door.findDocument(params);
    const result =
      'errors' in ready ? refusedDocument(ready, door.present) : await runLive(door, caller, ready, params);
    tellRates(response, arrived);
    begin(response);
    if (!(Symbol.asyncIterator in result)) return finish(response, result);
    const ended = Promise.withResolvers<void>();
    using _watch = door.askers.watch(caller.asker, () => ended.resolve());
    door.meters?.streams.inc({ door: 'sse' });
    using going = endOf(door.ending);
    const ends = { client: gone, principal: ended.promise, slow: slow.promise, gateway: going.promise };
    const end = await pump(result, response, ends).finally(() => door.meters?.streams.dec({ door: 'sse' }));
    if (end === 'slow') {
      door.meters?.rejections.inc({ reason: 'slow' });
      setTimeout(() => response.destroy(), FAREWELL_MS).unref();
    }
    const reason = REASONS[end]?.();
    finish(response, reason ? refusal(reason, door.present) : null);
  } catch (error) {
    if (error instanceof RateLimited && !response.headersSent) setAll(response, error.headers);
    if (!response.headersSent) begin(response);
    finish(response, refusal(error, door.present));
  }
}

function begin(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
}

/** Why a stream may end before its source does. */
type End = 'client' | 'principal' | 'slow' | 'gateway';

/** What a client is told, where it is told anything. */
const REASONS: Readonly<Partial<Record<End | 'stream', () => Error>>> = {
  principal: endOfPrincipal,
  slow: () => failure('RATE_LIMITED', TOO_SLOW),
  gateway: endOfGateway,
};

/** Writes events until an end comes: the stream's, or another. */
async function pump(
  stream: AsyncIterableIterator<ExecutionResult>,
  response: ServerResponse,
  ends: Readonly<Record<End, Promise<void>>>,
): Promise<'stream' | End> {
  const ping = setInterval(() => response.write(':\n\n'), PING_MS);
  let over: End | null = null;
  let interrupt: ((end: End) => void) | undefined;
  for (const name of ['client', 'principal', 'slow', 'gateway'] as const)
    void ends[name].then(() => {
      over ??= name;
      interrupt?.(over);
    });
  /** One wait after the other: thousands on one promise would stay with it for as long as the stream lasts. */
  const orEnd = <T>(wait: Promise<T>): Promise<T | End> =>
    new Promise((resolve, reject) => {
      if (over) resolve(over);
      interrupt = resolve;
      wait.then(resolve, reject);
    });
  try {
    for (;;) {
      const step = await orEnd(stream.next());
      if (typeof step === 'string') return step;
      if (step.done) return 'stream';
      if (!write(response, 'next', step.value)) await orEnd(drained(response));
    }
  } finally {
    clearInterval(ping);
    await stream.return?.();
  }
}

/** Tells when a signal is aborted, and listens no longer than it is asked. */
function endOf(signal: AbortSignal): Disposable & { readonly promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  return { promise, [Symbol.dispose]: () => signal.removeEventListener('abort', end) };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('drain', resolve));
}

function finish(response: ServerResponse, last: ExecutionResult | null): void {
  if (last) write(response, 'next', last);
  write(response, 'complete', null);
  response.end();
}

function write(response: ServerResponse, event: 'next' | 'complete', data: ExecutionResult | null): boolean {
  return response.write(`event: ${event}\ndata: ${data === null ? '' : JSON.stringify(data)}\n\n`);
}
