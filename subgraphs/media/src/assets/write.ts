import type { $Enums } from '@assay/database/clients/media';
import type { MediaTx } from './transaction.ts';

/** What happened to an asset, for those who may follow it. Numbers, time and transaction come from the database. */
export interface NewEvent {
  readonly type: $Enums.EventType;
  readonly state: $Enums.AssetState;
  /** Where the state changed: what it was. */
  readonly previousState?: $Enums.AssetState;
  readonly stage?: $Enums.Stage;
  readonly verdict?: $Enums.Verdict;
  readonly progressDone?: bigint;
  readonly progressTotal?: bigint;
  /** Everybody who may follow the asset, unless told. */
  readonly audience?: $Enums.Audience;
}

export type Task = 'intake' | 'render' | 'epoch' | 'tidy';

/**
 * Waits until nobody else writes to the asset, and keeps others waiting until the transaction ends.
 * Comes before the transaction's first write: the order of transaction ids is then the order of the asset's events.
 */
export async function lockAsset(tx: MediaTx, assetId: string): Promise<void> {
  await tx.$queryRaw`select media.lock_asset(${assetId}::uuid)::text`;
}

/** Tells what happened, in the transaction in which it happens. */
export async function tell(tx: MediaTx, assetId: string, ...events: readonly NewEvent[]): Promise<void> {
  await tx.assetEvent.createMany({ data: events.map((event) => ({ assetId, ...event })) });
}

/** Adds a job to the transaction that needs it; one a task and asset waits at a time. */
export async function enqueue(tx: MediaTx, task: Task, assetId: string, delayMs = 0): Promise<void> {
  await tx.$queryRaw`select media.enqueue(${task}, ${assetId}::uuid, make_interval(secs => ${delayMs / 1000}))::text`;
}

/** Writes the audit entry of a change, in the change's own transaction; who and where from are the transaction's settings. */
export async function audit(tx: MediaTx, action: string, subject: string, outcome: string): Promise<void> {
  await tx.$queryRaw`select compliance.record(${action}, ${subject}, ${outcome})::text`;
}
