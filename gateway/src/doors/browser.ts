import { isFailure } from '@assay/failure';
import type { RequestFacts } from '../access/port.ts';

/** A request at one of the doors for browsers. */
export interface DoorRequest extends RequestFacts {
  /** Path and query; the host is not believed. */
  readonly url: URL;
}

/** Answers that belong to one person are nobody else's, in no cache and in no other site's page. */
export const PERSONAL = {
  'cache-control': 'no-store',
  vary: 'Cookie',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const STATUS: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, UPSTREAM_UNAVAILABLE: 503 };

/** Runs a door and turns a Failure into its answer, in the shape of a GraphQL error. Everything else is thrown on. */
export async function answering(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const errors = [{ message: error.message, extensions: { code: error.code } }];
    return Response.json({ errors }, { status: STATUS[error.code] ?? 400, headers: PERSONAL });
  }
}

/** An answer with several Set-Cookie lines. */
export function withCookies(response: Response, ...lines: readonly string[]): Response {
  for (const line of lines) response.headers.append('set-cookie', line);
  return response;
}
