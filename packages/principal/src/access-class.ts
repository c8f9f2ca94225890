import { createHash } from 'node:crypto';
import type { Principal } from './principal.ts';

/**
 * The key of everything that may be shared between requests: all of the principal but the request's own id and the
 * end of its token, and every header that is forwarded. Two requests share a result only when these are equal, so sharing never crosses a session.
 *
 * @returns base64url SHA-256
 */
export function accessClass(principal: Principal, forwarded: Readonly<Record<string, string>> = {}): string {
  const { requestId: _request, expiresAt: _end, ...rest } = principal;
  const headers = Object.entries(forwarded).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([rest, headers]))
    .digest('base64url');
}
