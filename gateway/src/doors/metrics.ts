import { createServer, type Server } from 'node:http';
import type { Metrics } from '@assay/telemetry';

/** `GET /metrics` on a port of its own, on loopback: OpenMetrics 1.0. */
export async function openMetricsDoor(metrics: Metrics, port: number): Promise<AsyncDisposable> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': metrics.registry.contentType });
    response.end(await metrics.registry.metrics());
  });
  await listen(server, port, '127.0.0.1');
  return { [Symbol.asyncDispose]: () => close(server) };
}

/** Listens. @throws Error such as EADDRINUSE */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host === '::1' }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Stops taking connections, lets answers finish for a second, then cuts what is left. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(patience);
}
