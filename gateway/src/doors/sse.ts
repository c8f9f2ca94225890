import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { RequestFacts } from '../access/port.ts';
import { RateLimited } from '../rate/refusal.ts';
import { leavingOf } from '../request-time.ts';
import { setAll, tellRates } from './answer-headers.ts';
import { readJson } from './body.ts';
import { type Caller, endOfPrincipal, type LiveDoor, refusal, refusedDocument, runLive } from './live.ts';
import { parseParams } from './params.ts';

/** Keeps proxies from taking a quiet stream for a dead one. */
const PING_MS = 12_000;

/** Answers whether a request asks for a stream of events. */
export function wantsEvents(message: IncomingMessage): boolean {
  return message.method === 'POST' && (message.headers.accept ?? '').includes('text/event-stream');
}

/**
 * GraphQL over Server-Sent Events, distinct connections mode (graphql-sse PROTOCOL.md): `next` with each result, then `complete`.
 * An error is a `next` with errors, then `complete`; so is the end of the principal.
 */
export async function answerEvents(
  door: LiveDoor,
  facts: RequestFacts,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  try {
    const arrived = (await door.rates?.arrive(facts.address)) ?? [];
    const params = parseParams(await readJson(message));
    const again = () => door.access.principalOf(facts);
    const caller: Caller = { principal: await again(), again, facts, leaving: leavingOf(response) };
    const ready = await door.findDocument(params);
    const result =
      'errors' in ready ? refusedDocument(ready, door.present) : await runLive(door, caller, ready, params);
    tellRates(response, arrived);
    begin(response);
    if (!(Symbol.asyncIterator in result)) return finish(response, result);
    const ended = Promise.withResolvers<void>();
    using _watch = door.access.watch(caller.principal, () => ended.resolve());
    door.meters.streams.inc({ door: 'sse' });
    const end = await pump(result, response, gone, ended.promise).finally(() =>
      door.meters.streams.dec({ door: 'sse' }),
    );
    finish(response, end === 'principal' ? refusal(endOfPrincipal(), door.present) : null);
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

/** Writes events until one of three ends comes: the stream's, the client's, the principal's. */
async function pump(
  stream: AsyncIterableIterator<ExecutionResult>,
  response: ServerResponse,
  gone: Promise<void>,
  ended: Promise<void>,
): Promise<'stream' | 'client' | 'principal'> {
  const ping = setInterval(() => response.write(':\n\n'), PING_MS);
  const client = gone.then(() => 'client' as const);
  const principal = ended.then(() => 'principal' as const);
  try {
    for (;;) {
      const step = await Promise.race([stream.next(), client, principal]);
      if (typeof step === 'string') return step;
      if (step.done) return 'stream';
      if (!write(response, 'next', step.value)) await Promise.race([drained(response), client, principal]);
    }
  } finally {
    clearInterval(ping);
    await stream.return?.();
  }
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
