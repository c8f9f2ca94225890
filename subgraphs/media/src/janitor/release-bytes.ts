import { withTenant } from '@assay/database';
import type { MediaTx } from '../assets/transaction.ts';
import { audit, lockAsset } from '../assets/write.ts';
import { JANITOR, type JanitorPorts, type JanitorRules } from './ports.ts';

const BATCH = 500;

/**
 * Takes the name off bytes whose time is over: rejected ones after their days in quarantine, deleted ones once no licence
 * runs. The sweep then finds them nameless; evidence and tombstone stay.
 *
 * @returns of how many assets
 */
export async function releaseBytes({ database }: JanitorPorts, rules: JanitorRules, now: Date): Promise<number> {
  const due = await withTenant(database, { system: JANITOR, tenantId: null, requestId: 'janitor' }, (tx) =>
    findDue(tx, rules, now),
  );
  if (rules.isDryRun) return due.length;
  for (const { id, tenant_id: tenantId, state } of due) {
    await withTenant(database, { system: JANITOR, tenantId, requestId: 'janitor' }, async (tx) => {
      await lockAsset(tx, id);
      const { count } = await tx.asset.updateMany({
        where: { id, state, bucket: { not: null } },
        data: { bucket: null, objectVersion: null },
      });
      if (count === 0) return;
      await tx.rendition.deleteMany({ where: { assetId: id } });
      await audit(tx, 'asset.erase', id, state);
    });
  }
  return due.length;
}

interface DueAsset {
  id: string;
  tenant_id: string;
  state: 'REJECTED' | 'DELETED';
}

function findDue(tx: MediaTx, { keepRejectedMs }: JanitorRules, now: Date): Promise<DueAsset[]> {
  const rejectedBefore = new Date(now.getTime() - keepRejectedMs);
  return tx.$queryRaw<DueAsset[]>`
    select id, tenant_id, state::text from media.asset
    where bucket is not null and (
      (state = 'REJECTED' and state_at < ${rejectedBefore})
      or (state = 'DELETED' and not media.is_still_licensed(id))
    )
    limit ${BATCH}`;
}
