import { type Failure, failure, isFailure } from '@assay/failure';
import type { SignInProof } from '@assay/identity';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { createIssuerKeys } from './key-set.ts';

export interface BearerOptions {
  /** Exactly as the provider writes it. */
  readonly issuer: string;
  readonly audience: string;
}

/** @throws Failure UNAUTHENTICATED, or UPSTREAM_UNAVAILABLE when the signing key is unknown and the provider away */
export type BearerVerifier = (token: string) => Promise<SignInProof>;

/** Asymmetric algorithms only: neither `none`, nor a secret that an attacker would take the public key for (RFC 8725, 2.1 and 3.1). */
const ALGORITHMS = ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA', 'Ed25519'];
const MAX_TOKEN_CHARACTERS = 8_192;

const claims = z.object({
  sub: z.string().min(1).max(255),
  sid: z.string().min(1).max(255),
  iat: z.number(),
  exp: z.number(),
  auth_time: z.number().optional(),
  acr: z.string().optional(),
  amr: z.array(z.string()).optional(),
});

/**
 * Verifies access tokens as RFC 9068 section 4 says: signature by a key of the issuer, issuer, audience and lifetime.
 * What comes out proves which sign-in the token belongs to, and nothing about roles.
 */
export function createBearerVerifier({ issuer, audience }: BearerOptions): BearerVerifier {
  const keys = createIssuerKeys(issuer);
  return async (token) => {
    if (token.length > MAX_TOKEN_CHARACTERS) throw refused('The access token is not valid.');
    try {
      const options = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['sub', 'sid', 'iat', 'exp'] };
      return proofOf(issuer, (await jwtVerify(token, keys, options)).payload);
    } catch (error) {
      throw isFailure(error) ? error : refused(messageOf(error), error);
    }
  };
}

function proofOf(issuer: string, payload: JWTPayload): SignInProof {
  const { sub, sid, iat, exp, auth_time, acr, amr } = claims.parse(payload);
  if (iat > Date.now() / 1000 + 60) throw new errors.JWTInvalid('issued in the future');
  return { issuer, subject: sub, sid, authTime: auth_time ?? iat, expiresAt: exp, acr: acr ?? null, amr: amr ?? [] };
}

/** A client may know that it has to refresh; a forger learns nothing else. */
function messageOf(error: unknown): string {
  return error instanceof errors.JWTExpired ? 'The access token has expired.' : 'The access token is not valid.';
}

function refused(message: string, cause?: unknown): Failure {
  return failure('UNAUTHENTICATED', message, { cause });
}
