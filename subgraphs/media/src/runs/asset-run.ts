import { type TransactionHost, withTenant } from '@assay/database';
import type { $Enums } from '@assay/database/clients/media';
import type { MediaTx } from '../assets/transaction.ts';
import { lockAsset, type NewEvent, tell } from '../assets/write.ts';
import type { ObjectVersion } from '../vault/vault.ts';
import type { RunPorts } from './ports.ts';

/** What a worker knows of the asset that it works on. */
export interface WorkedAsset {
  readonly id: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly state: $Enums.AssetState;
  readonly fileName: string;
  readonly declaredType: string;
  readonly declaredBytes: bigint;
  readonly declaredSha256: string | null;
  readonly mimeType: string | null;
  /** Hex, of the bytes as RECEIVE read them. */
  readonly sha256: string | null;
  readonly bucket: $Enums.Bucket | null;
  readonly objectKey: string;
  readonly objectVersion: string | null;
  readonly tries: number;
  readonly revision: number;
  readonly epoch: bigint;
}

const SELECT = {
  id: true,
  tenantId: true,
  ownerId: true,
  state: true,
  fileName: true,
  declaredType: true,
  declaredBytes: true,
  declaredSha256: true,
  mimeType: true,
  sha256: true,
  bucket: true,
  objectKey: true,
  objectVersion: true,
  tries: true,
  revision: true,
  epoch: true,
} as const;

/** What the worker may change of an asset. */
export interface AssetChange {
  state?: $Enums.AssetState;
  kind?: $Enums.AssetKind;
  mimeType?: string;
  sizeBytes?: bigint;
  sha256?: string;
  bucket?: $Enums.Bucket | null;
  objectVersion?: string | null;
  tries?: number;
  readyAt?: Date;
}

/**
 * The asset went on without this run; what was found here is dropped, and nothing was written. Whoever it was may not come to
 * the end, so the job that meets this is not done: it looks at the asset again.
 */
export class Superseded extends Error {
  constructor(assetId: string) {
    super(`Asset ${assetId} went on without this run.`);
    this.name = 'Superseded';
  }
}

/** One worker at one asset: each commit counts the revision up, so that of two with the same asset one goes on and the other stops. */
export interface AssetRun {
  readonly asset: WorkedAsset;
  /**
   * Changes the asset and whatever `work` writes, with the events that tell of it, in one transaction.
   *
   * @throws Superseded
   */
  commit(
    change: AssetChange,
    events: readonly NewEvent[],
    work?: (tx: MediaTx, asset: WorkedAsset) => Promise<void>,
  ): Promise<void>;
  /** Tells without a change; nothing happens when the asset went on. */
  tell(event: NewEvent): Promise<void>;
  /** Reads what else is known of the asset now. */
  look<T>(work: (tx: MediaTx) => Promise<T>): Promise<T>;
}

/**
 * Begins to work on an asset; null when there is none.
 *
 * @param requestId names the job in audit entries
 * @param look what else is to be known of it, as it was at the same moment
 */
export async function openRun<T>(
  db: TransactionHost<MediaTx>,
  assetId: string,
  requestId: string,
  look: (tx: MediaTx, asset: WorkedAsset) => Promise<T>,
): Promise<{ readonly run: AssetRun; readonly seen: T } | null> {
  const found = await withTenant(db, { system: 'system:intake', tenantId: null, requestId }, async (tx) => {
    const asset = await tx.asset.findUnique({ where: { id: assetId }, select: SELECT });
    return asset && { asset, seen: await look(tx, asset) };
  });
  return found && { run: createRun(db, found.asset, requestId), seen: found.seen };
}

function createRun(db: TransactionHost<MediaTx>, found: WorkedAsset, requestId: string): AssetRun {
  let asset = found;
  const { id: assetId, tenantId } = asset;
  const actor = { system: 'system:intake', tenantId, requestId } as const;
  return {
    get asset() {
      return asset;
    },
    commit: async (change, events, work) => {
      await withTenant(db, actor, async (tx) => {
        await lockAsset(tx, assetId);
        const next = change.state ?? asset.state;
        const before = events.filter((event) => event.state !== next);
        const after = events.filter((event) => event.state === next);
        if (before.length > 0) {
          await verifyCurrent(tx, asset);
          await tell(tx, assetId, ...before);
        }
        const { count } = await tx.asset.updateMany({
          where: { id: assetId, revision: asset.revision },
          data: { ...change, revision: asset.revision + 1 },
        });
        if (count !== 1) throw new Superseded(assetId);
        await work?.(tx, asset);
        const left = next === asset.state ? {} : { previousState: asset.state };
        if (after.length > 0) await tell(tx, assetId, ...after.map((event) => ({ ...event, ...left })));
      });
      asset = { ...asset, ...change, revision: asset.revision + 1 };
    },
    tell: (event) =>
      withTenant(db, actor, async (tx) => {
        await lockAsset(tx, assetId);
        await verifyCurrent(tx, asset);
        await tell(tx, assetId, event);
      }),
    look: (work) => withTenant(db, actor, work),
  };
}

/**
 * Commits what names these objects. When the asset went on without it nobody ever will, and they are removed; whatever else
 * happens, the janitor removes what no row names.
 *
 * @throws what `commit` throws
 */
export async function commitNaming(
  objects: readonly ObjectVersion[],
  { vault, log }: Pick<RunPorts, 'vault' | 'log'>,
  commit: () => Promise<void>,
): Promise<void> {
  try {
    await commit();
  } catch (error) {
    if (error instanceof Superseded)
      await vault.delete(objects).catch((err: unknown) => log.warn({ err }, 'objects that nobody names are left'));
    throw error;
  }
}

async function verifyCurrent(tx: MediaTx, { id, revision }: WorkedAsset): Promise<void> {
  const now = await tx.asset.findUnique({ where: { id }, select: { revision: true } });
  if (now?.revision !== revision) throw new Superseded(id);
}
