import { isFailure } from '@assay/failure';
import { type Sessions, truncateAddress, type Visitor } from '@assay/identity';
import { z } from 'zod';
import type { BearerVerifier } from '../access/bearer.ts';
import { hashSessionSecret, hostCookie, newSessionSecret, readCookie, SESSION_COOKIE } from '../access/cookie.ts';
import type { RelyingParty, SignInSecrets } from '../access/relying-party.ts';
import { parseReturnTo } from '../access/return-to.ts';
import type { Seal } from '../access/seal.ts';
import { type DoorRequest, PERSONAL, withCookies } from './browser.ts';
import { messagePage } from './message-page.ts';

export interface LoginDeps {
  readonly relyingParty: RelyingParty;
  readonly verifyBearer: BearerVerifier;
  readonly sessions: Sessions;
  /** Closes the pre-login cookie. */
  readonly seal: Seal;
  readonly publicUrl: string;
  /** Takes why a sign-in failed; the browser is told less. */
  readonly report: (what: string, error: unknown) => void;
}

/** Holds state, nonce and PKCE verifier of the one sign-in that this browser has begun. */
const PRE_LOGIN_COOKIE = '__Host-assay-login';
const PRE_LOGIN_S = 10 * 60;
/** A browser's session ends after a working day, used or not. */
const SESSION_S = 12 * 60 * 60;

const preLogin = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  expiresAt: z.number(),
});

/** `GET /login?returnTo=/path`: sends the browser to the provider; with `fresh`, to its password form in any case. */
export async function beginLogin(deps: LoginDeps, request: DoorRequest): Promise<Response> {
  const returnTo = parseReturnTo(request.url.searchParams.get('returnTo'), deps.publicUrl);
  try {
    const { url, secrets } = await deps.relyingParty.begin(request.url.searchParams.has('fresh'));
    const kept = JSON.stringify({ ...secrets, returnTo, expiresAt: nowS() + PRE_LOGIN_S });
    return withCookies(redirect(url.href), hostCookie(PRE_LOGIN_COOKIE, deps.seal.close(kept), PRE_LOGIN_S));
  } catch (error) {
    deps.report('the provider did not answer', error);
    return unavailable();
  }
}

/**
 * `GET /callback`: the browser comes back with a code. It signs in only what this browser began, and always into a new
 * session: an attacker who planted a cookie, or a link with a code of their own, gains nothing by it.
 */
export async function finishLogin(deps: LoginDeps, request: DoorRequest): Promise<Response> {
  const begun = openPreLogin(deps.seal, request);
  if (begun === null) return beginAgain();
  const visitor = visitorOf(request);
  const former = readCookie(request.headers['cookie'], SESSION_COOKIE);
  try {
    const proof = await proveSignIn(deps, request, begun);
    const secret = newSessionSecret();
    const lasting = { ...proof, expiresAt: nowS() + SESSION_S };
    const facts = await deps.sessions.signIn(lasting, hashSessionSecret(secret), visitor);
    if (facts === null) return refused();
    if (former !== undefined) await endFormer(deps, former, visitor);
    return withCookies(
      redirect(begun.returnTo),
      hostCookie(SESSION_COOKIE, secret, SESSION_S),
      hostCookie(PRE_LOGIN_COOKIE, '', 0),
    );
  } catch (error) {
    deps.report('a sign-in did not finish', error);
    return isAway(error) ? unavailable() : withCookies(beginAgain(), hostCookie(PRE_LOGIN_COOKIE, '', 0));
  }
}

function openPreLogin(seal: Seal, request: DoorRequest) {
  const sealed = readCookie(request.headers['cookie'], PRE_LOGIN_COOKIE);
  const text = sealed === undefined ? null : seal.open(sealed);
  const kept = text === null ? null : preLogin.parse(JSON.parse(text));
  return kept !== null && kept.expiresAt > nowS() ? kept : null;
}

async function proveSignIn({ relyingParty, verifyBearer }: LoginDeps, request: DoorRequest, secrets: SignInSecrets) {
  const { accessToken, subject } = await relyingParty.finish(request.url.search, secrets);
  const proof = await verifyBearer(accessToken);
  // OpenID Connect Core 1.0, 5.3.2 in spirit: two tokens of one answer speak of one person.
  if (proof.subject !== subject) throw new Error('The ID token and the access token name different subjects.');
  return proof;
}

/** Whoever signs in again leaves no session behind in this browser; that of the same sign-in is replaced already. */
async function endFormer({ sessions, report }: LoginDeps, secret: string, visitor: Visitor): Promise<void> {
  try {
    const facts = await sessions.ofCookie(hashSessionSecret(secret), visitor);
    if (facts !== null) await sessions.signOut(facts, visitor);
  } catch (error) {
    report('a former session was not ended', error);
  }
}

/** Whether the provider or the database is away, and not the answer wrong. */
function isAway(error: unknown): boolean {
  if (isFailure(error)) return error.code === 'UPSTREAM_UNAVAILABLE';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^(ECONN|ETIMEDOUT|UND_ERR)/.test(code) || (error instanceof Error && error.name.startsWith('PrismaClient'));
}

function visitorOf({ requestId, address, headers }: DoorRequest): Visitor {
  return { requestId, address: truncateAddress(address), userAgent: headers['user-agent']?.slice(0, 300) ?? null };
}

function redirect(location: string): Response {
  return new Response(null, { status: 303, headers: { ...PERSONAL, location } });
}

function beginAgain(): Response {
  const message = 'This sign-in took too long, or was begun in another browser.';
  return messagePage(400, 'Not signed in', message, { href: '/login', text: 'Begin again' });
}

/**
 * The provider knows somebody whom we do not take: no account of ours, or a sign-in that was ended here and that the
 * provider still remembers. Only the password tells the second from whoever found the browser.
 */
function refused(): Response {
  const message = 'This sign-in was ended, or its account has no place here.';
  return messagePage(403, 'Not signed in', message, { href: '/login?fresh', text: 'Sign in with the password' });
}

function unavailable(): Response {
  const message = 'The sign-in service does not answer. Nothing is lost; try again in a moment.';
  return messagePage(503, 'Not now', message, { href: '/login', text: 'Try again' });
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
