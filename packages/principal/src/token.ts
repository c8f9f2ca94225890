import { createSecretKey, randomUUID } from 'node:crypto';
import { failure } from '@assay/failure';
import { jwtVerify, SignJWT } from 'jose';
import { type Principal, principalSchema } from './principal.ts';

/** How long a principal token lives, in seconds: long enough for one fetch, too short to be worth stealing. */
const LIFETIME_S = 30;
const ISSUER = 'assay-gateway';

export type PrincipalSigner = (principal: Principal) => Promise<string>;
export type PrincipalVerifier = (token: string) => Promise<Principal>;

/**
 * Signs principals for one audience (RFC 7519, HS256 of RFC 7518 section 3.2).
 *
 * Each audience has a key of its own that only the gateway and that audience hold, so a subgraph that was taken over can
 * write tokens to nobody but itself.
 *
 * @param key 32 random bytes, base64url
 * @param audience the subgraph or process that will verify
 */
export function createPrincipalSigner(key: string, audience: string): PrincipalSigner {
  const secret = secretOf(key);
  return (principal) =>
    new SignJWT({ p: principal })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_S}s`)
      .sign(secret);
}

/**
 * Verifies what {@link createPrincipalSigner} made for the same audience.
 *
 * @throws Failure UNAUTHENTICATED for everything that is not such a token, in one wording: a forger learns nothing.
 */
export function createPrincipalVerifier(key: string, audience: string): PrincipalVerifier {
  const secret = secretOf(key);
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience,
        maxTokenAge: LIFETIME_S,
        requiredClaims: ['exp', 'jti', 'iat', 'p'],
      });
      return Object.freeze(principalSchema.parse(payload['p']));
    } catch (cause) {
      throw failure('UNAUTHENTICATED', 'This request carries no valid principal.', { cause });
    }
  };
}

function secretOf(key: string) {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length < 32) throw new TypeError('A principal key has at least 32 bytes (base64url).');
  return createSecretKey(bytes);
}
