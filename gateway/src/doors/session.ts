import { isFailure } from '@assay/failure';
import type { Principal } from '@assay/principal';
import { type Csrf, hostCookie, readCookie, SESSION_COOKIE } from '../access/cookie.ts';
import type { Access } from '../access/port.ts';
import { answering, type DoorRequest, PERSONAL, withCookies } from './browser.ts';

/** Who is signed in, as a page shows it. */
export type DescribeUser = (principal: Principal) => Promise<unknown>;

export interface SessionDeps {
  readonly access: Access;
  readonly csrf: Csrf;
  readonly describeUser: DescribeUser;
}

const NOBODY = { csrf: null, user: null, expiresAt: null };

/**
 * `GET /session`: `{ csrf, user, expiresAt }` of the browser's session, all null when there is none. A cookie whose
 * session has ended is taken away, so that the browser is a visitor again.
 */
export function serveSession({ access, csrf, describeUser }: SessionDeps, request: DoorRequest): Promise<Response> {
  return answering(async () => {
    const secret = readCookie(request.headers['cookie'], SESSION_COOKIE);
    if (secret === undefined) return Response.json(NOBODY, { headers: PERSONAL });
    const { authorization: _other, ...headers } = request.headers;
    try {
      const principal = await access.principalOf({ ...request, headers });
      const expiresAt = principal.expiresAt === null ? null : new Date(principal.expiresAt * 1000).toISOString();
      const session = { csrf: csrf.tokenOf(secret), user: await describeUser(principal), expiresAt };
      return Response.json(session, { headers: PERSONAL });
    } catch (error) {
      if (!isFailure(error) || error.code !== 'UNAUTHENTICATED') throw error;
      return withCookies(Response.json(NOBODY, { headers: PERSONAL }), hostCookie(SESSION_COOKIE, '', 0));
    }
  });
}
