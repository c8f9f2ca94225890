import { failure } from '@assay/failure';
import { EVENT_STREAM, HEADERS } from '@assay/subgraph/mesh';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { ExecutionResult } from 'graphql';
import type { Pool } from 'undici';
import { resultOf } from '../router/graphql-json.ts';
import { verifyJson } from '../router/post-json.ts';

/** Events of one connection, until it ends for whatever reason. */
export interface Events extends AsyncIterable<EventSourceMessage> {
  /** Ends it at once, also while an event is waited for. */
  close(): void;
}

export interface EventsRequest {
  readonly path: string;
  /** JSON. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Behind which event it is to go on; undefined: from its beginning. */
  readonly place: string | undefined;
  readonly signal: AbortSignal;
  /** The most that one event, or a refusal, may hold; 64 MiB when left out. */
  readonly maxBytes?: number | undefined;
}

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Opens a stream of a subgraph: server-sent events (graphql-sse PROTOCOL.md, distinct connections mode).
 *
 * @returns the stream, or the subgraph's refusal
 * @throws when the subgraph does not answer, or not as one; FailedAnswer when it says by its status that it failed
 * @throws (from the stream) Failure UPSTREAM_UNAVAILABLE for an event that is too large, which would come again
 */
export async function openEvents(
  connections: Pool,
  { path, body, headers, place, signal, maxBytes = MAX_BYTES }: EventsRequest,
): Promise<Events | ExecutionResult> {
  const leaving = new AbortController();
  const answer = await connections.request({
    path,
    method: 'POST',
    headers: { ...headers, accept: EVENT_STREAM, ...lastEventId(place) },
    body,
    signal: AbortSignal.any([signal, leaving.signal]),
  });
  if (answer.statusCode === 200 && String(answer.headers['content-type']).split(';', 1)[0] === EVENT_STREAM)
    return {
      [Symbol.asyncIterator]: () => eventsOf(answer.body, maxBytes),
      close: () => leaving.abort(),
    };
  const refusal = await readAll(answer.body, maxBytes);
  verifyJson(answer.statusCode, answer.headers['content-type']);
  return resultOf({ status: answer.statusCode, body: refusal });
}

/** Its value are the bytes of UTF-8 (HTML, section 9.2.4), and headers are written a byte a character. */
function lastEventId(place: string | undefined): Readonly<Record<string, string>> {
  return place === undefined ? {} : { [HEADERS.lastEventId]: Buffer.from(place).toString('latin1') };
}

async function readAll(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`Its refusal has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Bytes are read as events are asked for: a reader that does not read holds up the subgraph, not our memory. */
async function* eventsOf(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<EventSourceMessage> {
  const found: EventSourceMessage[] = [];
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: maxBytes,
    onEvent: (event) => void found.push(event),
    onError: ({ type }) => {
      isTooLarge ||= type === 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* found.splice(0);
    if (isTooLarge) throw failure('UPSTREAM_UNAVAILABLE', `An event has more than ${maxBytes} bytes.`);
  }
}
