/** On every answer: nothing is kept, nothing is guessed, nothing runs, and no link travels on in a Referer. */
export const GUARDED_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const TEXT = { ...GUARDED_HEADERS, 'content-type': 'text/plain; charset=utf-8' };

/** The one answer to everything unknown, spent, expired, bent, void or over budget: a reader learns which it was from nothing. */
export function notFound(): Response {
  return new Response('Not found.\n', { status: 404, headers: TEXT });
}

/** A part that has to be asked cannot be: nothing is served, and which part it is stays here. */
export function unavailable(): Response {
  return new Response('Not available now.\n', { status: 503, headers: { ...TEXT, 'retry-after': '5' } });
}

export function tooManyRequests(): Response {
  return new Response('Too many requests.\n', { status: 429, headers: { ...TEXT, 'retry-after': '1' } });
}

/** RFC 9110, section 15.5.17. */
export function rangeNotSatisfiable(sizeBytes: number): Response {
  const headers = { ...TEXT, 'accept-ranges': 'bytes', 'content-range': `bytes */${sizeBytes}` };
  return new Response('Range not satisfiable.\n', { status: 416, headers });
}
