import {
  assetEpochKey,
  FIRST_EPOCH,
  grantKey,
  leaseKey,
  leaseUseKey,
  licenseEpochKey,
  licenseOf,
  previewEpochKey,
} from '@assay/licensing/grants/places';
import type { Ledger } from '../ledger.ts';
import { createScript, type RedisConnection } from './redis-connection.ts';
import { createSpender } from './redis-spender.ts';
import { GIVE_BACK, RESERVE } from './scripts.ts';

/** The ledger over one Redis (6.2 or later: GETDEL). */
export function createRedisLedger(connection: RedisConnection): Ledger {
  const { redis, boot } = connection;
  const spend = createSpender(connection);
  const reserve = createScript(redis, RESERVE);
  const giveBack = createScript(redis, GIVE_BACK);
  return {
    findGrant: (grantId) => redis.get(grantKey(grantId)),
    spend,
    findLease: (leaseId) => redis.get(leaseKey(leaseId)),
    reserve: async (leaseId, grant, bytes, budgetBytes) => {
      if (grant.boot !== boot()) return false;
      const epochs = [
        assetEpochKey(grant.asset),
        grant.assetEpoch,
        licenseEpochKey(licenseOf(grant.license, grant.asset)),
        grant.licenseEpoch,
      ];
      return (await reserve([leaseKey(leaseId), leaseUseKey(leaseId)], [...epochs, bytes, budgetBytes])) === 1;
    },
    giveBack: async (leaseId, bytes) => {
      await giveBack([leaseUseKey(leaseId)], [bytes]);
    },
    previewEpoch: async (asset) => (await redis.get(previewEpochKey(asset))) ?? FIRST_EPOCH,
    isAlive: async () => boot() !== '' && (await redis.ping()) === 'PONG',
  };
}
