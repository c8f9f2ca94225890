import type { TransactionHost } from '@assay/database';
import type { MediaTx } from '../assets/transaction.ts';
import type { Vault } from '../vault/vault.ts';

export interface JanitorPorts {
  /** As janitor. */
  readonly database: TransactionHost<MediaTx>;
  /** It lists and deletes, and reads nothing. */
  readonly vault: Pick<Vault, 'list' | 'delete'>;
}

export interface JanitorRules {
  /** How long after a form's end its upload may still be finalized, in milliseconds. */
  readonly expireAfterMs: number;
  /** How old a version has to be before it can be an orphan: longer than any run takes from writing it to naming it. */
  readonly graceMs: number;
  /** How long rejected bytes stay in quarantine. */
  readonly keepRejectedMs: number;
  /** Says what would be done, and does nothing. */
  readonly isDryRun: boolean;
}

/** What a round did; in a dry run, what it would have done. */
export interface RoundReport {
  readonly expiredUploads: number;
  readonly releasedAssets: number;
  readonly deletedVersions: number;
  readonly listedVersions: number;
}

export const JANITOR = 'system:janitor' as const;
