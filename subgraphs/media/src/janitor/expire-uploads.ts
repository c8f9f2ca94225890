import { withTenant } from '@assay/database';
import { audit, lockAsset, tell } from '../assets/write.ts';
import { JANITOR, type JanitorPorts, type JanitorRules } from './ports.ts';

const BATCH = 500;

/** Closes uploads that were never finalized, once their form has ended. @returns how many */
export async function expireUploads({ database }: JanitorPorts, rules: JanitorRules, now: Date): Promise<number> {
  const before = new Date(now.getTime() - rules.expireAfterMs);
  const late = await withTenant(database, { system: JANITOR, tenantId: null, requestId: 'janitor' }, (tx) =>
    tx.asset.findMany({
      where: { state: 'AWAITING_UPLOAD', formExpiresAt: { lt: before } },
      select: { id: true, tenantId: true },
      take: BATCH,
    }),
  );
  if (rules.isDryRun) return late.length;
  for (const { id, tenantId } of late) {
    await withTenant(database, { system: JANITOR, tenantId, requestId: 'janitor' }, async (tx) => {
      await lockAsset(tx, id);
      const { count } = await tx.asset.updateMany({
        where: { id, state: 'AWAITING_UPLOAD' },
        data: { state: 'EXPIRED' },
      });
      // Finalized in the meantime, and welcome.
      if (count === 0) return;
      await tell(tx, id, { type: 'EXPIRED', previousState: 'AWAITING_UPLOAD', state: 'EXPIRED' });
      await audit(tx, 'asset.expire', id, 'EXPIRED');
    });
  }
  return late.length;
}
