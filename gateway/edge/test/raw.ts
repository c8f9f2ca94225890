import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire, with the only headers that must differ between two answers taken out. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly ms: number;
}

/** Sends a request byte by byte as written and reads until the connection ends. */
export function rawRequest(
  url: string,
  target: string,
  options: { method?: string; headers?: string[] } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { method = 'GET', headers = [] } = options;
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket: Socket = connect(Number(port), hostname);
    socket.once('error', reject);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      const split = text.indexOf('\r\n\r\n');
      const head = text.slice(0, split).replace(/^(?:Date|x-request-id): .*\r\n/gim, '');
      resolve({ status: Number(head.slice(9, 12)), head, body: text.slice(split + 4), ms: performance.now() - from });
    });
    const lines = [
      `${method} ${target} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'User-Agent: raw',
      'Connection: close',
      ...headers,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  });
}
