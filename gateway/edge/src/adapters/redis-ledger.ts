import { hash } from 'node:crypto';
import { type Grant, LEASE_TTL_MS } from '@assay/licensing/grants/grant';
import { assetEpochKey, FIRST_EPOCH, grantKey, leaseKey, licenseEpochKey, REDEMPTIONS } from '@assay/licensing/grants/places';
import { Redis } from 'ioredis';
import type { Ledger, Spending } from '../ledger.ts';
import { GIVE_BACK, RESERVE, SPEND } from './scripts.ts';

/** Longer than this and Redis counts as down. */
const COMMAND_TIMEOUT_MS = 2_000;

/**
 * Connects as the edge's user. A command that cannot be sent now fails now: what waited for Redis to come back
 * would be answered by another life of it.
 *
 * @param url redis://edge:password@host:port
 */
export function connectRedis(url: string, onError: (cause: Error) => void): Redis {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
  });
  redis.on('error', onError);
  return redis;
}

/** The ledger over one Redis (7.0 or later: GETDEL, and INFO within scripts). */
export function createRedisLedger(redis: Redis): Ledger {
  const spend = createScript(redis, SPEND);
  const reserve = createScript(redis, RESERVE);
  const giveBack = createScript(redis, GIVE_BACK);
  return {
    findGrant: (grantId) => redis.get(grantKey(grantId)),
    spend: async (spending) => {
      const { grantId, sealed, grant, leaseId, budgetBytes } = spending;
      const keys = [grantKey(grantId), leaseKey(leaseId), REDEMPTIONS];
      const args = [...conditionsOf(grant), sealed, LEASE_TTL_MS, budgetBytes, grantId, ...entryOf(spending)];
      return (await spend(keys, args)) === 1;
    },
    findLease: async (leaseId) => {
      const [grantId, sealed] = await redis.hmget(leaseKey(leaseId), 'grant', 'sealed');
      return grantId && sealed ? { grantId, sealed } : null;
    },
    reserve: async (leaseId, grant, bytes) => (await reserve([leaseKey(leaseId)], [...conditionsOf(grant), bytes])) === 1,
    giveBack: async (leaseId, bytes, budgetBytes) => {
      await giveBack([leaseKey(leaseId)], [bytes, budgetBytes]);
    },
    assetEpoch: async (asset) => (await redis.get(assetEpochKey(asset))) ?? FIRST_EPOCH,
    isAlive: async () => (await redis.ping()) === 'PONG',
  };
}

/** What `isGood` of the scripts takes. */
function conditionsOf(grant: Grant): string[] {
  return [grant.boot, assetEpochKey(grant.asset), grant.assetEpoch, licenseEpochKey(grant.license), grant.licenseEpoch];
}

/** A redemption as compliance reads it from the stream. The entry's own id says when. */
function entryOf({ grantId, grant, requestId, address }: Spending): string[] {
  return [
    ...['grant', grantId],
    ...['subject', grant.subject],
    ...['tenant', grant.tenant],
    ...['asset', grant.asset],
    ...['license', grant.license ?? ''],
    ...['address', address],
    ...['request', requestId],
  ];
}

type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** By its hash, and in full to a Redis that does not know it yet. */
function createScript(redis: Redis, source: string): Script {
  const sha = hash('sha1', source, 'hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}
