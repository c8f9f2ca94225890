import { createServer } from 'node:http';
import type { Metrics } from '@assay/telemetry';
import { close, listen } from '../listen.ts';

/** `GET /metrics` on a port of its own, on loopback: OpenMetrics 1.0. */
export async function openMetricsDoor(metrics: Metrics, port: number): Promise<AsyncDisposable & { port: number }> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': metrics.registry.contentType });
    response.end(await metrics.registry.metrics());
  });
  return { port: await listen(server, port, '127.0.0.1'), [Symbol.asyncDispose]: () => close(server) };
}
