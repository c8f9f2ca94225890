import { WebSocket } from 'ws';

const FOLLOW = /* GraphQL */ `
  subscription Follow($assetId: ID!, $after: String) {
    assetEvents(assetId: $assetId, after: $after) { cursor seq type state asset { id state } }
  }
`;
/** A client that was told to go comes back within so long: all at once would be a crowd. */
const COME_BACK_MS = 1_000;

/** What one subscriber has seen. */
export interface Follower {
  readonly assetId: string;
  readonly seqs: number[];
  state: string;
  /** How often it came back. */
  returns: number;
  /** How often it was told that the gateway goes away (1001). */
  told: number;
  leave(): void;
}

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly data?: { readonly assetEvents: { readonly cursor: string; readonly seq: number; readonly state: string } };
    readonly errors?: unknown;
  };
}

/**
 * Follows an asset over a WebSocket of its own, as a page does: a lost connection is opened again with the last cursor. Raw
 * messages of graphql-transport-ws, so that thousands fit into one process.
 *
 * @param failed gets what no client should see
 */
export function follow(url: string, token: string, assetId: string, failed: (what: string) => void): Follower {
  let socket: WebSocket | undefined;
  let after: string | null = null;
  let isOver = false;
  const follower: Follower = {
    assetId,
    seqs: [],
    state: '',
    returns: 0,
    told: 0,
    leave: () => {
      isOver = true;
      socket?.close();
    },
  };
  const take = ({ type, payload }: Message) => {
    if (type === 'connection_ack')
      return socket?.send(
        JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FOLLOW, variables: { assetId, after } } }),
      );
    const event = payload?.data?.assetEvents;
    if (type !== 'next' || !event) return failed(`${type} ${JSON.stringify(payload)}`);
    after = event.cursor;
    follower.seqs.push(event.seq);
    follower.state = event.state;
  };
  const open = () => {
    socket = new WebSocket(url, 'graphql-transport-ws');
    socket.on('open', () =>
      socket?.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data) => take(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (isOver) return;
      // Going away, or nobody there.
      if (code !== 1001 && code !== 1006) return failed(`closed with ${code}`);
      if (code === 1001) follower.told += 1;
      follower.returns += 1;
      setTimeout(open, Math.random() * COME_BACK_MS);
    });
  };
  open();
  return follower;
}
