import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

/** Opcodes (RFC 6455, section 5.2). */
export const TEXT = 0x1;
export const PONG = 0xa;

/** A WebSocket that does what it likes: it answers no ping and no close, and reads when it wants to. */
export async function connectRaw(url: string) {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  let heard = '';
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  socket.write(
    [
      'GET /graphql HTTP/1.1',
      `Host: localhost:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: graphql-transport-ws',
      '\r\n',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  socket.on('data', (bytes) => {
    heard += String(bytes);
  });
  const write = (kind: number, text: string) => void socket.write(frame(kind, text));
  return {
    closed,
    /** Whether a word has come, in whatever frame. */
    got: (word: string) => heard.includes(word),
    write,
    say: (message: object) => write(TEXT, JSON.stringify(message)),
    stopReading: () => void socket.pause(),
    /** Bytes that the other side, or the kernel between, has taken. */
    taken: () => socket.bytesWritten - socket.writableLength,
    leave: () => void socket.destroy(),
  };
}

/** A whole message, masked with zeros (RFC 6455, section 5.3). */
function frame(kind: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const length = payload.length < 126 ? Buffer.from([0x80 | payload.length]) : Buffer.from([0xff, ...sizeOf(payload)]);
  return Buffer.concat([Buffer.from([0x80 | kind]), length, Buffer.alloc(4), payload]);
}

function sizeOf({ length }: Buffer): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length));
  return size;
}
