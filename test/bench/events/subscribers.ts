import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { WebSocket } from 'ws';

const FOLLOW = /* GraphQL */ `
  subscription Follow($assetId: ID!) {
    assetEvents(assetId: $assetId) {
      seq
      type
      state
      progress {
        done
      }
    }
  }
`;

/** What a subscriber was sent: the number that the event carries. */
export type Arrived = (number: number) => void;

interface Followed {
  readonly assetEvents: { readonly progress: { readonly done: number } | null };
}

/** Follows an asset over WebSockets and event streams, half each, with a connection a subscriber. @returns what ends them */
export function subscribe(
  url: string,
  token: string,
  assetId: string,
  count: number,
  arrived: Arrived,
  failed: (error: unknown) => void,
): () => void {
  const authorization = `Bearer ${token}`;
  const ends = Array.from({ length: count }, (_, nth) => {
    const sink = {
      next: ({ data }: { data?: Followed | null }) => {
        const number = data?.assetEvents.progress?.done;
        if (number !== undefined) arrived(number);
      },
      error: failed,
      complete: () => undefined,
    };
    const asked = { query: FOLLOW, variables: { assetId } };
    if (nth % 2 === 0) {
      const ws = createWs({
        url: url.replace(/^http/, 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
        retryAttempts: 0,
      });
      ws.subscribe<Followed>(asked, sink);
      return () => void ws.dispose();
    }
    const sse = createSse({ url, headers: { authorization }, retryAttempts: 0 });
    return sse.subscribe<Followed>(asked, sink);
  });
  return () => {
    for (const end of ends) end();
  };
}

/** Listens at the bare server with as many sockets. @returns once all are open, what ends them */
export async function listenBare(url: string, count: number, arrived: Arrived): Promise<() => void> {
  const sockets = await Promise.all(
    Array.from({ length: count }, () => {
      const socket = new WebSocket(url);
      socket.on('message', (text) => arrived(Number(text.toString())));
      return new Promise<WebSocket>((resolve, reject) => {
        socket.once('open', () => resolve(socket));
        socket.once('error', reject);
      });
    }),
  );
  return () => {
    for (const socket of sockets) socket.terminate();
  };
}
