import type { ServerResponse } from 'node:http';
import type { RequestFacts } from '../access/port.ts';

/**
 * Lets pages of listed origins read answers (Fetch standard, 3.2). Nobody else's: there is no `*`, and an origin is never echoed
 * because it asked.
 *
 * @returns whether the request was a preflight, and is answered
 */
export type Cors = (facts: RequestFacts, path: string, response: ServerResponse) => boolean;

/** What pages of other origins may ask at all. */
const PATHS: ReadonlySet<string> = new Set(['/graphql', '/session']);
const METHODS = 'GET, POST';
const REQUEST_HEADERS =
  'accept, authorization, content-type, traceparent, x-assay-cost, x-assay-csrf, x-assay-plan, x-request-id, apollo-require-preflight, x-apollo-operation-name';
const RESPONSE_HEADERS = 'ratelimit, ratelimit-policy, retry-after, x-request-id';
const MAX_AGE_S = 600;

/** @param urls each one's origin counts, its path does not */
export function createCors(urls: readonly string[]): Cors {
  const origins = new Set(urls.map((url) => new URL(url).origin));
  return ({ method, headers }, path, response) => {
    const { origin } = headers;
    if (!PATHS.has(path)) return false;
    // Whatever is kept of an answer is kept for the origin that it was given to.
    response.appendHeader('vary', 'Origin');
    const isAllowed = origin !== undefined && origins.has(origin);
    if (isAllowed) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-allow-credentials', 'true');
      response.setHeader('access-control-expose-headers', RESPONSE_HEADERS);
    }
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
    if (isAllowed) {
      response.setHeader('access-control-allow-methods', METHODS);
      response.setHeader('access-control-allow-headers', REQUEST_HEADERS);
      response.setHeader('access-control-max-age', String(MAX_AGE_S));
    }
    response.writeHead(isAllowed ? 204 : 403, { 'cache-control': 'no-store' }).end();
    return true;
  };
}
