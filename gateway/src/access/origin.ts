import { failure } from '@assay/failure';
import type { RequestFacts } from './port.ts';

/** The origins whose pages may use a session cookie. */
export interface Origins {
  isAllowed(origin: string | undefined): boolean;
}

/** @param urls each one's origin counts, its path does not */
export function createOrigins(urls: readonly string[]): Origins {
  const allowed = new Set(urls.map((url) => new URL(url).origin));
  return { isAllowed: (origin) => origin !== undefined && allowed.has(origin) };
}

/**
 * Cookies know no ports and SameSite knows no origins: a page on another port of this host sends ours along. So a
 * request by cookie names an allowed Origin; browsers leave it out of plain reads of the same origin, and then say so
 * in Sec-Fetch-Site (Fetch Metadata), unless somebody only followed a link.
 *
 * @throws Failure FORBIDDEN
 */
export function verifySameSite({ method, headers }: RequestFacts, origins: Origins): void {
  const { origin } = headers;
  if (origins.isAllowed(origin)) return;
  const site = headers['sec-fetch-site'];
  const isOwnPage =
    site === undefined || site === 'same-origin' || site === 'none' || headers['sec-fetch-mode'] === 'navigate';
  if (origin === undefined && (method === 'GET' || method === 'HEAD') && isOwnPage) return;
  throw failure('FORBIDDEN', 'A request by cookie comes from an allowed Origin.');
}
