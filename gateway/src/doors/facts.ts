import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from '../access/port.ts';

/** What an inbound request id may look like; anything else is replaced, since it goes into logs and the audit trail. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** The facts of a request that access looks at. */
export function factsOf(request: IncomingMessage): RequestFacts {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  const inbound = headers['x-request-id'] ?? '';
  const requestId = REQUEST_ID.test(inbound) ? inbound : randomUUID();
  return { method: request.method ?? 'GET', headers, address: request.socket.remoteAddress ?? null, requestId };
}
