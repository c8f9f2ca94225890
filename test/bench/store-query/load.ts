import { connect, type Socket } from 'node:net';

export interface Load {
  readonly answers: number;
  readonly seconds: number;
}

export interface Post {
  readonly url: string;
  readonly token: string;
  readonly query: string;
}

/**
 * Posts one query over keep-alive connections that ask again as soon as they are answered. Raw sockets, so that the load costs
 * little of the machine that it shares with what it measures.
 *
 * @param seconds after which nothing more is asked
 * @throws Error for an answer that is not 200, or that is another one than `expected`
 */
export async function post(request: Post, connections: number, seconds: number, expectedLength: number): Promise<Load> {
  const bytes = bytesOf(request);
  const { port } = new URL(request.url);
  const from = performance.now();
  const until = from + seconds * 1_000;
  let answers = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), '127.0.0.1');
      try {
        while (performance.now() < until) {
          const { status, body } = await ask(socket, bytes);
          if (status !== 200 || body.length !== expectedLength)
            throw new Error(
              `${status}, ${body.length} bytes instead of ${expectedLength}: ${body.toString('utf8', 0, 500)}`,
            );
          answers += 1;
        }
      } finally {
        socket.destroy();
      }
    }),
  );
  return { answers, seconds: (performance.now() - from) / 1_000 };
}

function bytesOf({ url, token, query }: Post): Buffer {
  const body = Buffer.from(JSON.stringify({ query }));
  const head = [
    'POST /graphql HTTP/1.1',
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '\r\n',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), body]);
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** One request, one answer that says its length. */
function ask(socket: Socket, bytes: Buffer): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const leave = () => socket.off('data', take).off('error', fail).off('close', gone);
    const fail = (error: Error) => {
      leave();
      reject(error);
    };
    const gone = () => fail(new Error('The server hung up.'));
    const take = (chunk: Buffer) => {
      parts.push(chunk);
      const all = parts.length === 1 ? chunk : Buffer.concat(parts);
      const end = all.indexOf(HEAD_END);
      if (end === -1) return;
      const head = all.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      const body = all.subarray(end + HEAD_END.length);
      if (body.length < length) return;
      leave();
      resolve({ status: Number(head.slice(9, 12)), body });
    };
    socket.on('data', take).on('error', fail).on('close', gone);
    socket.write(bytes);
  });
}
