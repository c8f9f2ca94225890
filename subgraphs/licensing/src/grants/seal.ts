import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { formatGrant, type Grant, parseGrant } from './grant.ts';

/** Who redeems, as far as a request shows it: the network's prefix and the user agent. */
export interface Redeemer {
  readonly network: string;
  readonly userAgent: string;
}

/** Closes and opens grants, and derives the lease that a grant turns into. */
export interface GrantSeal {
  /** The text to store under `grantKey(id)`. The seal covers the id, so a grant cannot be moved to another token. */
  seal(id: string, grant: Grant): string;
  /** The grant, or null when a bit of it, of its seal or of its id is not as licensing wrote it. */
  open(id: string, sealed: string): Grant | null;
  /**
   * The lease's token: a function of the grant and of the redeemer that only the holder of the key can compute.
   * So a lease needs no record of whom it is bound to, and whoever writes Redis can make none.
   */
  leaseToken(id: string, redeemer: Redeemer): string;
  /** Whether `token` is the lease of this grant for this redeemer; takes the same time for every wrong one. */
  isLease(token: string, id: string, redeemer: Redeemer): boolean;
}

const VERSION = '1';
/** base64url of 32 bytes. */
const MAC_LENGTH = 43;

/**
 * @param key ASSAY_GRANT_SEAL_KEY: at least 32 random bytes, base64url; held by licensing and the edge alone
 * @throws TypeError when the key is shorter
 */
export function createGrantSeal(key: string): GrantSeal {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length < 32) throw new TypeError('The grant seal key has at least 32 bytes (base64url).');
  const secret = createSecretKey(bytes);
  // RFC 2104. The purpose leads, so that the seal of a grant is never the token of a lease.
  const mac = (purpose: string, text: string) =>
    createHmac('sha256', secret).update(`assay ${purpose} ${VERSION}\n${text}`).digest('base64url');
  const leaseToken = (id: string, { network, userAgent }: Redeemer) => mac('lease', `${id}\n${network}\n${userAgent}`);

  return {
    seal: (id, grant) => {
      const text = formatGrant(grant);
      return `${VERSION}.${mac('grant', `${id}\n${text}`)}.${text}`;
    },
    open: (id, sealed) => {
      const start = VERSION.length + 1;
      const text = sealed.slice(start + MAC_LENGTH + 1);
      const expected = `${VERSION}.${mac('grant', `${id}\n${text}`)}.`;
      return isSame(sealed.slice(0, start + MAC_LENGTH + 1), expected) ? parseGrant(text) : null;
    },
    leaseToken,
    isLease: (token, id, redeemer) => isSame(token, leaseToken(id, redeemer)),
  };
}

/** Compares in constant time; only the length of what was presented can show. */
function isSame(presented: string, expected: string): boolean {
  const left = Buffer.from(presented);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
