import type { ServerResponse } from 'node:http';
import { rateHeaders, type Standing } from '../rate/policy.ts';

/** Tells a client how it stands, before it is refused. */
export function tellRates(response: ServerResponse, standings: readonly Standing[]): void {
  if (standings.length > 0) setAll(response, rateHeaders(standings));
}

export function setAll(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) response.setHeader(name, headers[name] ?? '');
}
