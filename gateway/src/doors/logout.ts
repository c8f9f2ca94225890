import { failure, isFailure } from '@assay/failure';
import { type Sessions, truncateAddress } from '@assay/identity';
import { hashSessionSecret, hostCookie, readCookie, SESSION_COOKIE } from '../access/cookie.ts';
import type { Access } from '../access/port.ts';
import type { RelyingParty } from '../access/relying-party.ts';
import { answering, type DoorRequest, PERSONAL, withCookies } from './browser.ts';

export interface LogoutDeps {
  readonly access: Access;
  readonly sessions: Sessions;
  readonly relyingParty: RelyingParty;
}

/**
 * `POST /logout`: ends the session of the cookie, every token of the same sign-in, and the provider's session. Answers
 * `{ next }`: where to send the browser, `/`, or the provider when only it can end its session.
 */
export function serveLogout({ access, sessions, relyingParty }: LogoutDeps, request: DoorRequest): Promise<Response> {
  return answering(async () => {
    const secret = readCookie(request.headers['cookie'], SESSION_COOKIE);
    if (secret === undefined) return Response.json({ next: '/' }, { headers: PERSONAL });
    const { authorization: _other, ...headers } = request.headers;
    // Origin and csrf: nobody is signed out by a foreign page. A session that has ended already is no reason to refuse.
    await access.principalOf({ ...request, headers }).catch((error: unknown) => {
      if (!isFailure(error) || error.code !== 'UNAUTHENTICATED') throw error;
    });
    const next = await end({ access, sessions, relyingParty }, secret, request);
    return withCookies(Response.json({ next }, { headers: PERSONAL }), hostCookie(SESSION_COOKIE, '', 0));
  });
}

async function end(
  { access, sessions, relyingParty }: LogoutDeps,
  secret: string,
  request: DoorRequest,
): Promise<string> {
  const visitor = {
    requestId: request.requestId,
    address: truncateAddress(request.address),
    userAgent: request.headers['user-agent'] ?? null,
  };
  try {
    const facts = await sessions.ofCookie(hashSessionSecret(secret), visitor);
    if (facts === null) return '/';
    const { providerEnded } = await sessions.signOut(facts, visitor);
    // Others hear of it by a hint; here it holds with the answer.
    access.forget(facts.sessionId);
    return providerEnded ? '/' : ((await relyingParty.endSessionUrl().catch(() => null)) ?? '/');
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw failure('UPSTREAM_UNAVAILABLE', 'The session could not be ended; try again soon.', { cause });
  }
}
