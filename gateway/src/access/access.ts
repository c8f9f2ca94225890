import { createHash } from 'node:crypto';
import { failure, isFailure } from '@assay/failure';
import { type SessionFacts, type Sessions, type SignInProof, truncateAddress, type Visitor } from '@assay/identity';
import { scopesOf } from '@assay/policy';
import { anonymous, type Principal } from '@assay/principal';
import { LRUCache } from 'lru-cache';
import type { BearerVerifier } from './bearer.ts';
import { type Csrf, hashSessionSecret, readCookie, SESSION_COOKIE } from './cookie.ts';
import { createFactsCache } from './facts-cache.ts';
import { type Origins, verifySameSite } from './origin.ts';
import type { Access, RequestFacts } from './port.ts';
import type { SessionWakes } from './wakes.ts';
import { createWatch } from './watch.ts';

export interface AccessDeps {
  readonly sessions: Sessions;
  readonly verifyBearer: BearerVerifier;
  readonly csrf: Csrf;
  readonly origins: Origins;
  readonly wakes: SessionWakes;
  /** The issuer whose sessions cookies belong to. */
  readonly issuer: string;
}

const MAX_PROOFS = 20_000;

/** What a request's token was last taken for. A stream asks again with each event, and thousands of them at once. */
interface Lately {
  readonly authorization: string;
  readonly digest: string;
  readonly facts: SessionFacts;
  readonly principal: Principal;
}

/**
 * Who asks, for every door. A token proves a sign-in and nothing more; who that is now, identity says, at most five seconds ago.
 */
export function createAccess(deps: AccessDeps): Access & Disposable {
  const cache = createFactsCache();
  const proofs = new LRUCache<string, SignInProof>({ max: MAX_PROOFS });
  const lately = new WeakMap<RequestFacts, Lately>();
  const dropping = deps.wakes.listen((sessionId) => cache.drop(sessionId));
  const watch = createWatch(deps.sessions, deps.wakes);

  const ofBearer = async (authorization: string, request: RequestFacts): Promise<Principal> => {
    const known = lately.get(request);
    const digest = known?.authorization === authorization ? known.digest : digestOf(tokenIn(authorization));
    const proof = proofs.get(digest) ?? (await deps.verifyBearer(tokenIn(authorization)));
    proofs.set(digest, proof);
    if (proof.expiresAt * 1000 <= Date.now()) throw failure('UNAUTHENTICATED', 'The access token has expired.');
    const asked = () => deps.sessions.ofBearer(proof, visitorOf(request)).catch(unavailable);
    const facts = live(await cache.of(digest, asked));
    // Of the same facts comes the same principal, whatever the credential.
    if (known?.facts === facts) return known.principal;
    const principal = principalOf(facts, deps.issuer, visitorOf(request));
    lately.set(request, { authorization, digest, facts, principal });
    return principal;
  };

  const ofCookie = async (secret: string, request: RequestFacts): Promise<Principal> => {
    const hash = hashSessionSecret(secret);
    const visitor = visitorOf(request);
    const key = Buffer.from(hash).toString('base64url');
    const facts = await cache.of(key, () => deps.sessions.ofCookie(hash, visitor).catch(unavailable));
    return principalOf(live(facts), deps.issuer, visitor);
  };

  const nobody = ({ requestId, address }: RequestFacts) => anonymous(requestId, truncateAddress(address));
  const secretOf = (request: RequestFacts) => readCookie(request.headers['cookie'], SESSION_COOKIE);

  return {
    principalOf: async (request) => {
      const { authorization } = request.headers;
      if (authorization !== undefined) return ofBearer(authorization, request);
      const secret = secretOf(request);
      if (secret === undefined) return nobody(request);
      verifySameSite(request, deps.origins);
      if (!isPlainRead(request) && !deps.csrf.isToken(secret, request.headers['x-assay-csrf'])) {
        throw failure(
          'FORBIDDEN',
          'A request by cookie carries the x-assay-csrf of its session (GET /session tells it).',
        );
      }
      return ofCookie(secret, request);
    },
    principalOfSocket: async (upgrade, authorization) => {
      if (authorization !== undefined) return ofBearer(authorization, upgrade);
      const secret = secretOf(upgrade);
      if (secret === undefined) return nobody(upgrade);
      if (!deps.origins.isAllowed(upgrade.headers['origin'])) {
        throw failure('FORBIDDEN', 'A WebSocket with a cookie comes from an allowed Origin.');
      }
      return ofCookie(secret, upgrade);
    },
    isUpgradeAllowed: ({ headers }) => {
      const { origin } = headers;
      const needsOne = origin !== undefined || headers['cookie'] !== undefined;
      return !needsOne || deps.origins.isAllowed(origin);
    },
    forget: (sessionId) => cache.drop(sessionId),
    watch: (principal, onEnd) => watch.watch(principal, onEnd),
    [Symbol.dispose]: () => {
      dropping[Symbol.dispose]();
      watch[Symbol.dispose]();
    },
  };
}

/** @throws Failure UNAUTHENTICATED */
function tokenIn(authorization: string): string {
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw failure('UNAUTHENTICATED', 'The Authorization header holds no bearer token.');
  return token;
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Reads change nothing, and no other site may read their answers. */
function isPlainRead({ method }: RequestFacts): boolean {
  return method === 'GET' || method === 'HEAD';
}

function visitorOf({ requestId, address, headers }: RequestFacts): Visitor {
  return { requestId, address: truncateAddress(address), userAgent: headers['user-agent']?.slice(0, 300) ?? null };
}

function unavailable(cause: unknown): never {
  if (isFailure(cause)) throw cause;
  throw failure('UPSTREAM_UNAVAILABLE', 'It cannot be told now who you are; try again soon.', { cause });
}

function live(facts: SessionFacts | null): SessionFacts {
  if (facts !== null && facts.expiresAt * 1000 > Date.now()) return facts;
  throw failure('UNAUTHENTICATED', 'The session has ended. Sign in again.');
}

/** The principal of a live session, with the scopes that its roles bring. */
function principalOf(facts: SessionFacts, issuer: string, { requestId, address }: Visitor): Principal {
  const { subject, tenantId, roles, tier, entitlements, sessionId, acr, amr, authTime, expiresAt } = facts;
  const scopes = scopesOf(roles, entitlements);
  const who = { subject, tenantId, roles, scopes, entitlements, tier, issuer, sessionId };
  return Object.freeze({ ...who, acr, amr, authTime, expiresAt, risk: 0, address, requestId });
}
