/** So much in so long, for one of something. */
export interface Policy {
  readonly name: 'principal' | 'address' | 'cost';
  readonly quota: number;
  readonly windowMs: number;
}

export interface RatePolicies {
  /** Operations of one who is signed in. */
  readonly principal: Policy;
  /** Requests of one address, whoever signs in there and whether or not they are answered. */
  readonly address: Policy;
  /** Points of estimated cost of one who is signed in, or of the visitors of one address. */
  readonly cost: Policy;
}

const WINDOW_MS = 10_000;

/** @param perSecond on average over the window; in a burst all of a window's at once */
export function ratePolicies(perSecond: Readonly<Record<Policy['name'], number>>): RatePolicies {
  const of = (name: Policy['name']): Policy => ({ name, quota: perSecond[name] * 10, windowMs: WINDOW_MS });
  return { principal: of('principal'), address: of('address'), cost: of('cost') };
}

/** Far above what a storefront asks; the cost is what holds an abuser: a hundred of the dearest operations in ten seconds. */
export const DEFAULT_RATES = { principal: 2_000, address: 10_000, cost: 500_000 } as const;

/** Some of a policy's quota for one who uses it. */
export interface Charge {
  readonly policy: Policy;
  /** Such as a subject, or an address. */
  readonly who: string;
  readonly amount: number;
}

/** How a charge stands after it was counted. */
export interface Standing {
  readonly policy: Policy;
  readonly remaining: number;
  /** Until the window ends. */
  readonly resetMs: number;
}

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): quota and window, what remains and for how many
 * seconds.
 */
export function rateHeaders(standings: readonly Standing[]): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': standings.map(({ policy }) => policyItem(policy)).join(', '),
    ratelimit: standings
      .map(({ policy, remaining, resetMs }) => `"${policy.name}";r=${Math.floor(remaining)};t=${seconds(resetMs)}`)
      .join(', '),
  };
}

/** Whole seconds, none too few. */
export function seconds(ms: number): number {
  return Math.ceil(Math.max(ms, 0) / 1_000);
}

const items = new WeakMap<Policy, string>();

/** The same on every answer: written once. */
function policyItem(policy: Policy): string {
  const known = items.get(policy);
  if (known !== undefined) return known;
  const made = `"${policy.name}";q=${policy.quota};w=${policy.windowMs / 1_000}`;
  items.set(policy, made);
  return made;
}
