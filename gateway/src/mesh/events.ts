import { EVENT_STREAM, HEADERS } from '@assay/subgraph/mesh';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { ExecutionResult } from 'graphql';
import type { Pool } from 'undici';
import { parseResult } from '../router/graphql-json.ts';
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
}

/**
 * Opens a stream of a subgraph: server-sent events (graphql-sse PROTOCOL.md, distinct connections mode).
 *
 * @returns the stream, or the subgraph's refusal
 * @throws when the subgraph does not answer, or not as one
 */
export async function openEvents(
  connections: Pool,
  { path, body, headers, place, signal }: EventsRequest,
): Promise<Events | ExecutionResult> {
  const leaving = new AbortController();
  const answer = await connections.request({
    path,
    method: 'POST',
    headers: { ...headers, accept: EVENT_STREAM, ...(place === undefined ? {} : { [HEADERS.lastEventId]: place }) },
    body,
    signal: AbortSignal.any([signal, leaving.signal]),
  });
  if (answer.statusCode === 200 && String(answer.headers['content-type']).split(';', 1)[0] === EVENT_STREAM)
    return {
      [Symbol.asyncIterator]: () => eventsOf(answer.body),
      close: () => leaving.abort(),
    };
  const refusal = await answer.body.text();
  verifyJson(answer.statusCode, answer.headers['content-type']);
  return parseResult(refusal);
}

/** Bytes are read as events are asked for: a reader that does not read holds up the subgraph, not our memory. */
async function* eventsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<EventSourceMessage> {
  const found: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void found.push(event) });
  const decoder = new TextDecoder();
  for await (const chunk of bytes) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* found.splice(0);
  }
}
