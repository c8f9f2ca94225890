import type { Grant } from '@assay/licensing/grants/grant';

/** A redemption: which grant, into which lease, and what the audit trail shows of the redeemer. */
export interface Redemption {
  readonly grantId: string;
  readonly leaseId: string;
  /** The redeemer's network, truncated. */
  readonly address: string;
  readonly requestId: string;
  /** `traceparent`, for whoever writes the redemption into the audit trail. */
  readonly trace: string | undefined;
}

/**
 * The one place that knows which grants are unspent and how many bytes a lease has left. What it holds is sealed, and
 * opening it is the caller's. Everything throws when it cannot be asked: then nothing is served.
 */
export interface Ledger {
  /** The sealed grant under this id, or null; spends nothing. */
  findGrant(grantId: string): Promise<string | null>;
  /**
   * Spends the grant, turns it into the lease and writes the redemption, all or nothing.
   *
   * @returns the sealed grant; null when it never was, is spent, or is void since an epoch moved or Redis started anew
   */
  spend(redemption: Redemption): Promise<string | null>;
  /** The sealed grant that became this lease, or null. */
  findLease(leaseId: string): Promise<string | null>;
  /** Takes bytes from the lease's budget; 0 only looks. False when they are not there, or the lease has ended or is void. */
  reserve(leaseId: string, grant: Grant, bytes: number, budgetBytes: number): Promise<boolean>;
  /** Gives back what was reserved and not sent; nothing when the lease has ended. */
  giveBack(leaseId: string, bytes: number): Promise<void>;
  /** The asset's epoch for previews now. */
  previewEpoch(asset: string): Promise<string>;
  isAlive(): Promise<boolean>;
}
