import { verifyFences } from '@assay/database';
import { createPrincipalVerifier } from '@assay/principal';
import { openDatabase } from './adapters/database.ts';
import type { ComplianceConfig } from './config.ts';
import type { SubgraphDeps } from './subgraph.ts';

/**
 * Opens the subgraph's connections. Refuses when row security would not hold for one of its roles.
 *
 * @throws Failure INTERNAL that says which role or table it is
 */
export async function openDeps(
  { databases, principalKey }: ComplianceConfig,
  report: SubgraphDeps['report'],
): Promise<SubgraphDeps & AsyncDisposable> {
  await Promise.all(Object.values(databases).map(verifyFences));
  const database = openDatabase(databases.requests);
  const trail = openDatabase(databases.trail);
  return {
    database,
    trail,
    verifyPrincipal: createPrincipalVerifier(principalKey, 'compliance'),
    report,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([database[Symbol.asyncDispose](), trail[Symbol.asyncDispose]()]);
    },
  };
}
