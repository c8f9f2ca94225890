import { ROLES } from '@assay/principal';
import { z } from 'zod';
import type { Sessions } from './sessions.ts';

/** What a process is asked, by its path; plain data in and out. */
export type Calls = Readonly<Record<string, (asked: unknown) => Promise<unknown>>>;
/** Asks another process. @throws when it does not answer */
export type Call = (path: string, asked: unknown) => Promise<unknown>;

const PATHS = {
  ofBearer: '/sessions/of-bearer',
  ofCookie: '/sessions/of-cookie',
  signIn: '/sessions/sign-in',
  signOut: '/sessions/sign-out',
  live: '/sessions/live',
} as const;

const visitor = z.object({
  requestId: z.string(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
});
const proof = z.object({
  issuer: z.string(),
  subject: z.string(),
  sid: z.string(),
  authTime: z.number(),
  expiresAt: z.number(),
  acr: z.string().nullable(),
  amr: z.array(z.string()),
});
const facts = z.object({
  sessionId: z.string(),
  subject: z.string(),
  tenantId: z.string(),
  roles: z.array(z.enum(ROLES)),
  tier: z.enum(['STANDARD', 'ENTERPRISE']),
  entitlements: z.array(z.string()),
  authTime: z.number(),
  expiresAt: z.number(),
  acr: z.string().nullable(),
  amr: z.array(z.string()),
});
const cookieHash = z.base64url().transform((text) => new Uint8Array(Buffer.from(text, 'base64url')));
const found = facts.nullable();

/** The book of sessions, for a gateway in another process. What it is asked there it answers as it would here. */
export function createSessionCalls(sessions: Sessions): Calls {
  const ofBearer = z.object({ proof, visitor });
  const ofCookie = z.object({ cookieHash, visitor });
  const signIn = z.object({ proof, cookieHash, visitor });
  const signOut = z.object({ facts, visitor });
  const live = z.object({ sessionIds: z.array(z.string()) });
  return {
    [PATHS.ofBearer]: async (asked) => {
      const value = ofBearer.parse(asked);
      return sessions.ofBearer(value.proof, value.visitor);
    },
    [PATHS.ofCookie]: async (asked) => {
      const value = ofCookie.parse(asked);
      return sessions.ofCookie(value.cookieHash, value.visitor);
    },
    [PATHS.signIn]: async (asked) => {
      const value = signIn.parse(asked);
      return sessions.signIn(value.proof, value.cookieHash, value.visitor);
    },
    [PATHS.signOut]: async (asked) => {
      const value = signOut.parse(asked);
      return sessions.signOut(value.facts, value.visitor);
    },
    [PATHS.live]: async (asked) => [...(await sessions.live(live.parse(asked).sessionIds))],
  };
}

/** The book of sessions of another process. @param call @throws what `call` throws, and ZodError for an answer that is none */
export function createRemoteSessions(call: Call): Sessions {
  const textOf = (hash: Uint8Array) => Buffer.from(hash).toString('base64url');
  return {
    ofBearer: async (proof, visitor) => found.parse(await call(PATHS.ofBearer, { proof, visitor })),
    ofCookie: async (hash, visitor) => found.parse(await call(PATHS.ofCookie, { cookieHash: textOf(hash), visitor })),
    signIn: async (proof, hash, visitor) =>
      found.parse(await call(PATHS.signIn, { proof, cookieHash: textOf(hash), visitor })),
    signOut: async (facts, visitor) =>
      z.object({ providerEnded: z.boolean() }).parse(await call(PATHS.signOut, { facts, visitor })),
    live: async (sessionIds) => new Set(z.array(z.string()).parse(await call(PATHS.live, { sessionIds }))),
  };
}
