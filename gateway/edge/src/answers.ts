import type { EdgeLog } from './deps.ts';

/** On every answer: the id by which logs and the audit know the request. */
export const REQUEST_ID = 'x-request-id';

/** On every answer: nothing is kept, nothing is guessed, nothing runs, and no link travels on in a Referer. */
export const GUARDED_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** A short answer in words, the same bytes through every door. */
function says(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  const body = { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(text.length) };
  return new Response(text, { status, headers: { ...GUARDED_HEADERS, ...body, ...headers } });
}

/** The one answer to everything unknown, spent, expired, bent, void or over budget: a reader learns which it was from nothing. */
export function notFound(): Response {
  return says(404, 'Not found.\n');
}

/** A part that has to be asked cannot be: nothing is served, and which part it is stays here. */
export function unavailable(): Response {
  return says(503, 'Not available now.\n', { 'retry-after': '5' });
}

/** The answer where the decision itself failed. */
export function undecided(cause: unknown, log: EdgeLog): Response {
  log.error({ err: cause }, 'a request could not be decided');
  return unavailable();
}

export function tooManyRequests(): Response {
  return says(429, 'Too many requests.\n', { 'retry-after': '1' });
}

/** RFC 9110, section 15.5.17. */
export function rangeNotSatisfiable(sizeBytes: number): Response {
  return says(416, 'Range not satisfiable.\n', {
    'accept-ranges': 'bytes',
    'content-range': `bytes */${sizeBytes}`,
  });
}
