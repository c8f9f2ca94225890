import type { TransactionHost } from '@assay/database';
import type { MediaTx } from '../assets/transaction.ts';
import type { Wakes } from '../events/wake.ts';
import type { Evidence } from '../intake/evidence.ts';
import type { BlockList, Classifier, Sandbox, Scanner } from '../intake/ports.ts';
import type { Vault } from '../vault/vault.ts';

/** What a run of the worker reaches outside of itself. */
export interface RunPorts {
  /** As intake_worker. */
  readonly database: TransactionHost<MediaTx>;
  readonly vault: Vault;
  readonly scanner: Scanner;
  readonly sandbox: Sandbox;
  readonly blockList: BlockList;
  readonly classifier: Classifier;
  readonly wakes: Pick<Wakes, 'wake'>;
  /** Waits before a run that left a stage without an answer is tried again, one after the other; after the last a person decides. */
  readonly retryAfterMs: readonly number[];
  /** Is told what each stage said, once. */
  observe(evidence: Evidence): void;
  readonly log: RunLog;
}

export interface RunLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
