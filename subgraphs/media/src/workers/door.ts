import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Door extends AsyncDisposable {
  readonly url: string;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Opens a small door of a worker, on loopback unless told; a throw answers 503 and nothing else. @param address port 0 for any */
export async function openDoor(
  address: { readonly hostname: string; readonly port: number },
  answer: Answer,
): Promise<Door> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) writeJson(response, 503, { status: 'unavailable' });
      else response.destroy();
    });
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  await listen(server, address.hostname, address.port);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${address.hostname}:${port}`, [Symbol.asyncDispose]: () => close(server) };
}

/** Answers with JSON that nobody keeps. */
export function writeJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function listen(server: Server, hostname: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
