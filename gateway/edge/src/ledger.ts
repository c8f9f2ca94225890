import type { Grant } from '@assay/licensing/grants/grant';

/** What becomes of a grant that is spent: a lease, and an entry for the audit trail. */
export interface Spending {
  readonly grantId: string;
  readonly sealed: string;
  readonly grant: Grant;
  readonly leaseId: string;
  /** The lease's byte budget. */
  readonly budgetBytes: number;
  /** Of the redemption, as the audit trail shows it. */
  readonly requestId: string;
  /** The redeemer's network, truncated. */
  readonly address: string;
}

/** A lease as it is stored: the grant that it came from, still under licensing's seal. */
export interface Lease {
  readonly grantId: string;
  readonly sealed: string;
}

/**
 * The one place that knows which grants are unspent and how many bytes a lease has left.
 * Everything throws when it cannot be asked: then nothing is served.
 */
export interface Ledger {
  /** The sealed grant under this id, or null; spends nothing. */
  findGrant(grantId: string): Promise<string | null>;
  /** Spends the grant, opens its lease and writes the redemption, all or nothing. False when it was spent or is void. */
  spend(spending: Spending): Promise<boolean>;
  findLease(leaseId: string): Promise<Lease | null>;
  /** Takes bytes from the lease's budget; 0 only looks. False when they are not there, or the lease has ended or is void. */
  reserve(leaseId: string, grant: Grant, bytes: number): Promise<boolean>;
  /** Gives back what was reserved and not sent; nothing when the lease has ended. */
  giveBack(leaseId: string, bytes: number, budgetBytes: number): Promise<void>;
  /** The asset's epoch now. */
  assetEpoch(asset: string): Promise<string>;
  isAlive(): Promise<boolean>;
}
