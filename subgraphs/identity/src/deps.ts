import { verifyFences } from '@assay/database';
import { createPrincipalVerifier } from '@assay/principal';
import { Redis } from 'ioredis';
import { createKeyring } from './accounts/keyring.ts';
import { openDatabase } from './adapters/database.ts';
import { createRedisWake } from './adapters/redis-wake.ts';
import type { IdentityConfig } from './config.ts';
import type { SubgraphDeps } from './subgraph.ts';

/**
 * Opens the subgraph's connections. Refuses when row security would not hold for its role.
 *
 * @throws Failure INTERNAL that says what is wrong with the role or which table it is
 */
export async function openDeps(
  config: IdentityConfig,
  report: SubgraphDeps['report'],
): Promise<SubgraphDeps & AsyncDisposable> {
  await verifyFences(config.databaseUrl);
  const database = openDatabase(config.databaseUrl);
  const redis = new Redis(config.redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    enableReadyCheck: false,
    commandTimeout: 2_000,
  });
  redis.on('error', (cause) => report('redis', cause));
  return {
    database,
    keyring: createKeyring(config.keyringKey),
    wake: createRedisWake(redis, (cause) => report('redis', cause)),
    verifyPrincipal: createPrincipalVerifier(config.principalKey, 'identity'),
    report,
    [Symbol.asyncDispose]: async () => {
      redis.disconnect();
      await database[Symbol.asyncDispose]();
    },
  };
}
