import { timingSafeEqual } from 'node:crypto';
import { formatGrant, type Grant, parseGrant } from './grant.ts';
import { createMac } from './mac.ts';

/** Who redeems, as far as a request shows it: the network's prefix and the user agent. */
export interface Redeemer {
  readonly network: string;
  readonly userAgent: string;
}

/** Closes and opens grants, and derives the lease that a grant turns into. */
export interface GrantSeal {
  /** The text to store under `grantKey(grant.id)`. The seal covers the id, so a grant cannot be moved to another token. */
  seal(grant: Grant): string;
  /** The grant, or null when a bit of it or of its seal is not as licensing wrote it. Whose it is says its id. */
  open(sealed: string): Grant | null;
  /**
   * The lease's token: a function of the grant and of the redeemer that only the holder of the key can compute.
   * So a lease needs no record of whom it is bound to, and whoever writes Redis can make none.
   */
  leaseToken(grantId: string, redeemer: Redeemer): string;
  /** Whether `token` is the lease of this grant for this redeemer; takes the same time for every wrong one. */
  isLease(token: string, grantId: string, redeemer: Redeemer): boolean;
}

/** base64url of 32 bytes. */
const MAC_LENGTH = 43;

/**
 * @param key ASSAY_GRANT_SEAL_KEY: at least 32 random bytes, base64url; held by licensing and the edge alone
 * @throws TypeError when the key is shorter
 */
export function createGrantSeal(key: string): GrantSeal {
  if (Buffer.from(key, 'base64url').length < 32)
    throw new TypeError('The grant seal key has at least 32 bytes (base64url).');
  const mac = createMac(key);
  // The purpose leads, so that the seal of a grant is never the token of a lease.
  const sealOf = (text: string) => mac(`assay grant 1\n${text}`);
  const leaseToken = (grantId: string, { network, userAgent }: Redeemer) =>
    mac(`assay lease 1\n${grantId}\n${network}\n${userAgent}`);

  return {
    seal: (grant) => {
      const text = formatGrant(grant);
      return `${sealOf(text)}\n${text}`;
    },
    open: (sealed) => {
      const text = sealed.slice(MAC_LENGTH + 1);
      return isSame(sealed.slice(0, MAC_LENGTH + 1), `${sealOf(text)}\n`) ? parseGrant(text) : null;
    },
    leaseToken,
    isLease: (token, grantId, redeemer) => isSame(token, leaseToken(grantId, redeemer)),
  };
}

/** Compares in constant time; only the length of what was presented can show. */
function isSame(presented: string, expected: string): boolean {
  const left = Buffer.from(presented);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
