import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { StreamEvent } from '../engine/index.ts';
import { SocketStream, type SocketStreamOptions } from './socket-stream.ts';

export interface AskedSocketStream {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of the upgrade; `authorization` is said in `connection_init` too, where most servers look for it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends when nobody waits any more for the stream to open; afterwards it says nothing. */
  readonly opening?: AbortSignal | undefined;
}

export interface SocketStreams extends Disposable {
  /** @throws GraphQLError that says why it did not open, with a code for clients; the signal's reason */
  open(asked: AskedSocketStream): Promise<AsyncIterableIterator<StreamEvent>>;
}

/**
 * Streams of a subgraph over WebSocket (graphql-ws PROTOCOL.md), each with a connection to itself: so a reader that does not read holds
 * up its own stream and nobody's memory, headers are its own client's, and what goes wrong on it takes no other stream along.
 *
 * The protocol's events have no places, so that nothing is resumed: a stream that is broken off ends with an event that says so.
 */
export function createSocketStreams(options: SocketStreamOptions): SocketStreams {
  const { url, maxBytes: maxPayload } = options;
  const streams = new Set<SocketStream>();
  return {
    open: async ({ query, variables, headers, opening }) => {
      opening?.throwIfAborted();
      // Uncompressed: a few bytes that grow to many would be read before anybody can hold them up.
      const settings = { headers, maxPayload, perMessageDeflate: false, followRedirects: false };
      const socket = new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, settings);
      const stream = new SocketStream(socket, { query, variables }, headers['authorization'], options);
      streams.add(stream);
      socket.once('close', () => streams.delete(stream));
      const giveUp = () => stream.giveUp(opening?.reason);
      opening?.addEventListener('abort', giveUp, { once: true });
      try {
        await stream.opened;
        return stream;
      } finally {
        opening?.removeEventListener('abort', giveUp);
      }
    },
    [Symbol.dispose]: () => {
      for (const stream of streams) stream.breakOff('UPSTREAM_UNAVAILABLE', 'the router asks this subgraph no more');
    },
  };
}
