import { type TransactionHost, withTenant } from '@assay/database';
import type { MediaTx } from '../assets/transaction.ts';

/** Looks a digest up in the block list. The revision changes with every change of the list. */
export function createDigestLookUp(database: TransactionHost<MediaTx>) {
  return (sha256: string): Promise<{ readonly listed: boolean; readonly revision: string }> =>
    withTenant(database, { system: 'system:intake', tenantId: null, requestId: 'match' }, async (tx) => {
      const [row] = await tx.$queryRaw<{ listed: boolean; entries: bigint; newest: Date | null }[]>`
        select coalesce(bool_or(sha256 = ${sha256}), false) as listed, count(*) as entries, max(added_at) as newest from media.block_hash`;
      return {
        listed: row?.listed ?? false,
        revision: `${row?.entries ?? 0}@${row?.newest?.toISOString() ?? 'empty'}`,
      };
    });
}
