import { verifyFences } from '@assay/database';
import { createPrincipalVerifier, type PrincipalVerifier } from '@assay/principal';
import type { SpentTokens } from '@assay/subgraph';
import { type Database, openDatabase } from './adapters/database.ts';
import { connectGrants, type RedisGrants } from './adapters/redis-grants.ts';
import { sqlAssetDirectory } from './adapters/sql-asset-directory.ts';
import type { LicensingConfig } from './config.ts';
import type { DownloadDeps } from './downloads/create-download.ts';
import { createGrantSeal } from './grants/seal.ts';
import { createLicenseKeyHash } from './keys/license-key.ts';

/** All that the subgraph stands on. */
export interface LicensingDeps extends DownloadDeps {
  readonly database: Database;
  readonly grants: RedisGrants;
  readonly verifyPrincipal: PrincipalVerifier;
  /** Shared with this subgraph’s other replicas, where it has any. */
  readonly spentTokens?: SpentTokens | undefined;
  readonly report: (errorId: string, error: unknown) => void;
}

/**
 * Opens the subgraph's connections. Refuses when row security would not hold for its role.
 *
 * @throws Failure INTERNAL that says what is wrong with the role or which table it is
 */
export async function openDeps(
  config: LicensingConfig,
  report: LicensingDeps['report'],
): Promise<LicensingDeps & AsyncDisposable> {
  await verifyFences(config.databaseUrl);
  const database = openDatabase(config.databaseUrl);
  const grants = connectGrants(config.redisUrl, (cause) => report('redis', cause));
  return {
    database,
    grants,
    directory: sqlAssetDirectory,
    seal: createGrantSeal(config.grantSealKey),
    hashKey: createLicenseKeyHash(config.licenseKeyPepper),
    edgeUrl: config.edgeUrl,
    verifyPrincipal: createPrincipalVerifier(config.principalKey, 'licensing'),
    report,
    [Symbol.asyncDispose]: async () => {
      grants[Symbol.dispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
