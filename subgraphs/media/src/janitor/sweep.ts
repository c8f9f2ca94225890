import { withTenant } from '@assay/database';
import type { $Enums } from '@assay/database/clients/media';
import type { MediaTx } from '../assets/transaction.ts';
import type { ListedVersion } from '../vault/vault.ts';
import { JANITOR, type JanitorPorts, type JanitorRules, type RoundReport } from './ports.ts';

const BUCKETS: readonly $Enums.Bucket[] = ['INCOMING', 'MEDIA', 'QUARANTINE'];
const KEY = /^tenants\/[\da-f-]{36}\/media\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\//;

/**
 * Deletes versions that no row names: forms that expired, versions posted behind a pinned one, copies whose transaction never
 * came. A version is listed before its asset is asked for, and is older than any run that could still name it. What an open
 * form brought is left alone, and so is everything under a key that is not one of ours.
 */
export async function sweepBuckets(
  ports: JanitorPorts,
  rules: JanitorRules,
  now: Date,
): Promise<Pick<RoundReport, 'listedVersions' | 'deletedVersions'>> {
  const oldBefore = new Date(now.getTime() - rules.graceMs);
  let listedVersions = 0;
  let deletedVersions = 0;
  for (const bucket of BUCKETS) {
    for await (const page of ports.vault.list(bucket, 'tenants/')) {
      listedVersions += page.length;
      const orphans = await findOrphans(
        ports,
        page.filter(({ modifiedAt }) => modifiedAt <= oldBefore),
      );
      deletedVersions += orphans.length;
      if (!rules.isDryRun) await ports.vault.delete(orphans);
    }
  }
  return { listedVersions, deletedVersions };
}

async function findOrphans({ database }: JanitorPorts, versions: readonly ListedVersion[]): Promise<ListedVersion[]> {
  const ids = [...new Set(versions.flatMap(({ key }) => KEY.exec(key)?.[1] ?? []))];
  if (ids.length === 0) return [];
  const { open, named } = await withTenant(database, { system: JANITOR, tenantId: null, requestId: 'janitor' }, (tx) =>
    findNamed(tx, ids),
  );
  return versions.filter(({ bucket, key, version }) => {
    const id = KEY.exec(key)?.[1];
    return id !== undefined && !open.has(id) && !named.has(`${bucket} ${key} ${version}`);
  });
}

/** The assets that may still be finalized, and the versions that rows name. */
async function findNamed(tx: MediaTx, ids: string[]) {
  const assets = await tx.asset.findMany({
    where: { id: { in: ids } },
    select: { id: true, state: true, bucket: true, objectKey: true, objectVersion: true },
  });
  const renditions = await tx.rendition.findMany({
    where: { assetId: { in: ids } },
    select: { bucket: true, objectKey: true, objectVersion: true },
  });
  const open = assets.filter(({ state }) => state === 'AWAITING_UPLOAD');
  return {
    open: new Set(open.map(({ id }) => id)),
    named: new Set(
      [...assets, ...renditions].map(
        ({ bucket, objectKey, objectVersion }) => `${bucket} ${objectKey} ${objectVersion}`,
      ),
    ),
  };
}
