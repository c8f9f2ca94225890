import type { ServerResponse } from 'node:http';
import { rateHeaders, type Standing } from '../rate/policy.ts';
import type { RateLimited } from '../rate/refusal.ts';

/** Tells a client how it stands, before it is refused. */
export function tellRates(response: ServerResponse, standings: readonly Standing[]): void {
  if (standings.length > 0) setAll(response, rateHeaders(standings));
}

/** Tells a client how it stands after several requests at once: by each policy as it stood worst, and when all may come again. */
export function tellBatchRates(
  response: ServerResponse,
  standings: readonly Standing[],
  refusals: readonly RateLimited[],
): void {
  const worst = new Map<string, Standing>();
  for (const each of [...standings, ...refusals.map(({ standing }) => standing)]) {
    const known = worst.get(each.policy.name);
    if (!known || each.remaining < known.remaining) worst.set(each.policy.name, each);
  }
  tellRates(response, [...worst.values()]);
  const waits = refusals.flatMap(({ retryAfterS }) => retryAfterS ?? []);
  if (waits.length > 0) response.setHeader('retry-after', String(Math.max(...waits)));
}

export function setAll(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) response.setHeader(name, headers[name] ?? '');
}
