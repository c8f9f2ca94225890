import { withTenant } from '@assay/database';
import type { $Enums } from '@assay/database/clients/media';
import type { ListedVersion, ObjectVersion, Vault } from '../vault/vault.ts';
import { type AssetRun, openRun, Superseded } from './asset-run.ts';
import { whereTo } from './conclude.ts';
import type { RunPorts } from './ports.ts';

const BUCKETS: readonly $Enums.Bucket[] = ['INCOMING', 'MEDIA', 'QUARANTINE'];
/** States in which nobody writes objects of the asset. In all others what lies about may be in use. */
const AT_REST: ReadonlySet<string> = new Set(['READY', 'QUARANTINED', 'REJECTED', 'EXPIRED', 'DELETED']);

/**
 * Brings the store to what the database says of an asset: what is refused lies in quarantine, what was deleted is gone, and no
 * version is kept that no row names.
 *
 * @param requestId names the job in audit entries
 * @throws Superseded
 */
export async function tidyAsset(assetId: string, requestId: string, ports: RunPorts): Promise<void> {
  const opened = await openRun(ports.database, assetId, requestId, async () => undefined);
  if (!opened || !AT_REST.has(opened.run.asset.state)) return;
  const { run } = opened;
  await settle(run, ports);
  await sweep(run, requestId, ports);
}

/** What the state asks for and the row does not say yet. */
async function settle(run: AssetRun, ports: RunPorts): Promise<void> {
  const { state, bucket, id } = run.asset;
  const isRefused = state === 'QUARANTINED' || state === 'REJECTED';
  if (isRefused && bucket !== null && bucket !== 'QUARANTINE') {
    const moved = await whereTo(run, state, ports);
    if (!moved.bucket) throw new Error(`Asset ${id} could not be moved to quarantine.`);
    await run.commit(
      moved,
      [],
      async (tx) => void (await tx.rendition.deleteMany({ where: { assetId: id, purpose: 'PREVIEW' } })),
    );
  }
  const forModerators = { assetId: id, purpose: 'MODERATION' as const };
  const isSettled = state === 'READY' || state === 'REJECTED';
  if (isSettled && (await run.look((tx) => tx.rendition.count({ where: forModerators }))) > 0) {
    await run.commit({}, [], async (tx) => void (await tx.rendition.deleteMany({ where: forModerators })));
  }
  if (state === 'DELETED' || state === 'EXPIRED') {
    await run.commit({}, [], async (tx, asset) => {
      const [licensed] = await tx.$queryRaw<{ is: boolean }[]>`select media.is_still_licensed(${asset.id}::uuid) as is`;
      const keepsBytes = state === 'DELETED' && licensed?.is === true;
      if (!keepsBytes) await tx.asset.updateMany({ where: { id }, data: { bucket: null, objectVersion: null } });
      await tx.rendition.deleteMany({ where: { assetId: id } });
    });
  }
}

/** Lists first and asks what is named afterwards: a version that came in between is not on the list. */
async function sweep(run: AssetRun, requestId: string, { database, vault }: RunPorts): Promise<void> {
  const { id, tenantId, objectKey, revision } = run.asset;
  const listed = await listAll(vault, objectKey.replace(/original$/, ''));
  const named = await withTenant(database, { system: 'system:intake', tenantId, requestId }, async (tx) => {
    const asset = await tx.asset.findUniqueOrThrow({
      where: { id },
      select: { revision: true, bucket: true, objectKey: true, objectVersion: true },
    });
    if (asset.revision !== revision) throw new Superseded(id);
    const renditions = await tx.rendition.findMany({ where: { assetId: id } });
    return [asset, ...renditions].map(
      ({ bucket, objectKey, objectVersion }) => `${bucket} ${objectKey} ${objectVersion}`,
    );
  });
  const kept = new Set(named);
  await vault.delete(listed.filter((object) => !kept.has(nameOf(object))));
}

async function listAll(vault: Vault, prefix: string): Promise<ListedVersion[]> {
  const listed: ListedVersion[] = [];
  for (const bucket of BUCKETS) for await (const page of vault.list(bucket, prefix)) listed.push(...page);
  return listed;
}

function nameOf({ bucket, key, version }: ObjectVersion): string {
  return `${bucket} ${key} ${version}`;
}
