import type { Principal } from '@assay/principal';

/** What a door knows of a request before it knows who asks. Header names are lower case. */
export interface RequestFacts {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The peer's address, whole; only its network leaves this port. */
  readonly address: string | null;
  readonly requestId: string;
}

/** Why a principal came to its end. */
export type PrincipalEnd = 'expired' | 'revoked';

/**
 * Who asks. A request without any credential is an anonymous visitor's; a credential that does not hold is never taken for none.
 */
export interface Access {
  /**
   * Of a bearer token, else of the session cookie (then with an allowed Origin and `x-assay-csrf`, unless it is a plain GET), else nobody.
   *
   * @throws Failure UNAUTHENTICATED, FORBIDDEN (Origin, csrf), UPSTREAM_UNAVAILABLE when it cannot be told
   */
  principalOf(request: RequestFacts): Promise<Principal>;
  /**
   * Of a WebSocket: the token of `connection_init` wins over the upgrade's cookie.
   *
   * @param authorization such as `Bearer …`
   */
  principalOfSocket(upgrade: RequestFacts, authorization: string | undefined): Promise<Principal>;
  /** Whether a WebSocket upgrade may be answered: with a cookie or an Origin only from an allowed Origin. */
  isUpgradeAllowed(upgrade: RequestFacts): boolean;
  /** Keeps nothing of a session any more: the next request with it asks again. */
  forget(sessionId: string): void;
  /** Calls `onEnd` once, when the token ends or within 5 s of the session's revocation. */
  watch(principal: Principal, onEnd: (end: PrincipalEnd) => void): Disposable;
}
