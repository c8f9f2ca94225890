import { connect } from 'node:net';

export interface Load {
  /** Answers of status 303. */
  readonly redeemed: number;
  readonly seconds: number;
}

/**
 * Redeems each token once, over keep-alive connections that ask again as soon as they are answered. Raw sockets, so that
 * the load costs little of the machine that it shares with what it measures.
 *
 * @param url of the server
 */
export async function redeemAll(url: string, tokens: readonly string[], connections: number): Promise<Load> {
  const { hostname, port } = new URL(url);
  const rest = tokens[Symbol.iterator]();
  let redeemed = 0;
  const from = process.hrtime.bigint();
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(Number(port), hostname);
          socket.setNoDelay(true);
          const ask = () => {
            const next = rest.next();
            if (next.done) return void socket.end();
            socket.write(`GET /d/${next.value} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: bench\r\n\r\n`);
          };
          socket.on('connect', ask);
          // Neither server sends a body with its 303, so an answer is one chunk.
          socket.on('data', (chunk) => {
            if (chunk.toString('latin1', 9, 12) === '303') redeemed++;
            ask();
          });
          socket.on('error', reject);
          socket.on('close', () => resolve());
        }),
    ),
  );
  return { redeemed, seconds: Number(process.hrtime.bigint() - from) / 1e9 };
}
