/** Who asks, as far as a supergraph's directives look. */
export interface Caller {
  readonly isAuthenticated: boolean;
  readonly scopes: readonly string[];
  /** Policies that hold for the caller; none when nobody decides them. */
  readonly policies?: readonly string[] | undefined;
}

/** Somebody of whom nothing is known. */
export const NOBODY: Caller = Object.freeze({ isAuthenticated: false, scopes: [] });

/** One thing that a directive asks of a caller. */
export interface Claim {
  readonly kind: 'authenticated' | 'scope' | 'policy';
  readonly name: string;
}

/** What one directive asks: any of these, each of them whole. No set at all is held by nobody. */
export type AnyOf = readonly (readonly Claim[])[];

/** What several directives ask together: each of them. None: it is open to everybody. */
export type Need = readonly AnyOf[];

/** A refusal, by the code that its reader gets. */
export type Denial = 'UNAUTHENTICATED' | 'FORBIDDEN';

/** Answers whether a caller has what is asked for. */
export function isMet(need: Need, caller: Caller): boolean {
  return need.every((anyOf) => anyOf.some((claims) => claims.every((claim) => holds(caller, claim))));
}

/** Answers whether a caller has one claim. */
export function holds({ isAuthenticated, scopes, policies }: Caller, { kind, name }: Claim): boolean {
  switch (kind) {
    case 'authenticated':
      return isAuthenticated;
    case 'scope':
      return scopes.includes(name);
    case 'policy':
      return policies?.includes(name) ?? false;
  }
}

/** Why a need that is not met is not: a visitor may sign in, anybody else lacks the right. */
export function denialOf({ isAuthenticated }: Caller): Denial {
  return isAuthenticated ? 'FORBIDDEN' : 'UNAUTHENTICATED';
}
