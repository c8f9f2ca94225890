import type { IncomingMessage } from 'node:http';
import { requestIdOf } from '@assay/telemetry';
import type { RequestFacts } from '../access/port.ts';

/** The facts of a request that access looks at. */
export function factsOf(request: IncomingMessage): RequestFacts {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  const requestId = requestIdOf(headers['x-request-id']);
  return { method: request.method ?? 'GET', headers, address: request.socket.remoteAddress ?? null, requestId };
}
