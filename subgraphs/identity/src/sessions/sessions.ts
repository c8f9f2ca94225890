import type { Role, Tier } from '@assay/principal';

/** Whoever sends a request, before anything is known of them. */
export interface Visitor {
  readonly requestId: string;
  /** Truncated already. */
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** What a verified token says of the sign-in that it comes from. */
export interface SignInProof {
  readonly issuer: string;
  readonly subject: string;
  /** The provider's session. */
  readonly sid: string;
  /** When somebody typed the password, in seconds since the epoch. */
  readonly authTime: number;
  /** End of the token (or of the session that begins with it), in seconds since the epoch. */
  readonly expiresAt: number;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

/** Who that is here and now: our own facts, not the token's. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly subject: string;
  readonly tenantId: string;
  readonly roles: readonly Role[];
  readonly tier: Tier;
  readonly entitlements: readonly string[];
  readonly authTime: number;
  readonly expiresAt: number;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

/** One's own session, as one sees it. */
export interface SessionRecord {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Why a session ends: from a list of one's sessions, or by signing out. */
export type EndReason = 'REVOKED' | 'SIGNED_OUT';

/** Tells everybody who holds something of a session that it ended. A hint: who misses it asks within seconds anyway. */
export type WakeSession = (sessionId: string) => Promise<void>;

/** The book of sessions: what the gateway asks for each caller. */
export interface Sessions {
  /** The principal of a bearer token; its session begins when its sid is first seen. Null when it ended, or nobody has the account. */
  ofBearer(proof: SignInProof, visitor: Visitor): Promise<SessionFacts | null>;
  /** The principal of a session cookie, by the SHA-256 of its value. Null when the session ended or never was. */
  ofCookie(cookieHash: Uint8Array<ArrayBuffer>, visitor: Visitor): Promise<SessionFacts | null>;
  /** Begins a session with a cookie of its own, never an old one. Null as with {@link ofBearer}. */
  signIn(proof: SignInProof, cookieHash: Uint8Array<ArrayBuffer>, visitor: Visitor): Promise<SessionFacts | null>;
  /** Ends the caller's session at their own wish. @returns whether the provider's session ended with it */
  signOut(facts: SessionFacts, visitor: Visitor): Promise<{ readonly providerEnded: boolean }>;
  /** Those of the sessions that live. */
  live(sessionIds: readonly string[]): Promise<ReadonlySet<string>>;
}
