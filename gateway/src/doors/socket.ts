import { CloseCode, MessageType, type WebSocket as ProtocolSocket, parseMessage } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Leaving } from '../request-time.ts';

const MAX_MESSAGE_BYTES = 512 * 1024;
/** Beyond it nothing is read to its end, and the socket closes without a word. */
export const MAX_FRAME_BYTES = 4 * MAX_MESSAGE_BYTES;
/** What may wait for a client who does not read, before he is listened to no more until he does. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** RFC 6455, section 7.4.1: Message Too Big. */
const TOO_BIG = 1009;
const TOO_BIG_REASON = `A message has at most ${MAX_MESSAGE_BYTES} bytes.`;
/** For a client who is sent away to go by himself. */
const FAREWELL_MS = 2_000;

/** A client's socket, as graphql-ws speaks to it. */
export interface ClientSocket extends ProtocolSocket {
  isOpen(): boolean;
  /** Sends the client away: from now on he is not heard, and soon he is not connected. */
  close(code: number, reason: string): void;
  readonly leaving: Leaving;
}

/**
 * Holds a client to his manners, whatever he sends and however little he reads.
 *
 * @param pingMs between two pings; who has not answered one when the next is due is gone (RFC 6455, section 5.5.2)
 */
export function holdSocket(socket: WebSocket, pingMs: number): ClientSocket {
  return new HeldSocket(socket, pingMs);
}

class HeldSocket implements ClientSocket {
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #leavers = new Set<() => void>();
  #isHeard = true;

  constructor(socket: WebSocket, pingMs: number) {
    this.protocol = socket.protocol;
    this.#socket = socket;
    const ping = setInterval(() => this.#ping(), pingMs);
    socket.on('pong', () => {
      this.#isHeard = true;
    });
    socket.on('ping', (data) => this.#tell((told) => socket.pong(data, false, told)).catch(() => undefined));
    socket.on('error', () => socket.terminate());
    socket.once('close', () => {
      clearInterval(ping);
      for (const leave of this.#leavers) leave();
    });
  }

  isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  readonly leaving: Leaving = (end) => {
    if (this.#socket.readyState === WebSocket.CLOSED) end();
    // Each time another one: two who wait may bring the same function.
    const leave = () => end();
    this.#leavers.add(leave);
    return () => void this.#leavers.delete(leave);
  };

  send(data: string): Promise<void> {
    return this.#tell((told) => this.#socket.send(data, told));
  }

  close(code: number, reason: string): void {
    if (!this.isOpen()) return;
    this.#socket.close(code, reason);
    // His farewell is to be read, and nothing else of him.
    this.#socket.resume();
    const late = setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
    this.#socket.once('close', () => clearTimeout(late));
  }

  onMessage(listener: (data: string) => Promise<void>): void {
    this.#socket.on('message', (data: Buffer) => {
      // A client who was sent away and does not go could have things done that he has no right to any more.
      if (!this.isOpen()) return;
      if (data.byteLength > MAX_MESSAGE_BYTES) return this.close(TOO_BIG, TOO_BIG_REASON);
      const text = String(data);
      listener(text).catch(() => this.close(...faultOf(text)));
    });
  }

  /** Who has others write to him and does not read would fill our memory: he asks for nothing more until he has read. */
  #tell(write: (told: (error?: Error | null) => void) => void): Promise<void> {
    if (!this.isOpen()) return Promise.resolve();
    const socket = this.#socket;
    const isUnread = () => socket.bufferedAmount > MAX_UNREAD_BYTES;
    const written = new Promise<void>((resolve, reject) =>
      write((error) => {
        if (socket.isPaused && !isUnread()) socket.resume();
        if (error) reject(error);
        else resolve();
      }),
    );
    if (isUnread() && !socket.isPaused) {
      socket.pause();
      // Nobody hears a pong of his meanwhile: from here on he has until the ping after the next.
      this.#isHeard = true;
    }
    return written;
  }

  #ping(): void {
    if (!this.#isHeard) return this.#socket.terminate();
    this.#isHeard = false;
    this.#socket.ping();
  }
}

/** What only servers say (graphql-ws PROTOCOL.md, Message types). */
const SERVERS_WORDS: ReadonlySet<MessageType> = new Set([
  MessageType.ConnectionAck,
  MessageType.Next,
  MessageType.Error,
]);

/** Why a message could not be listened to: whose fault it is decides the code. */
function faultOf(text: string): [code: number, reason: string] {
  return SERVERS_WORDS.has(parseMessage(text).type)
    ? [CloseCode.BadRequest, 'Invalid message received']
    : [CloseCode.InternalServerError, 'Internal server error'];
}
