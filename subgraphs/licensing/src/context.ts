import type { Principal } from '@assay/principal';
import { type DatabaseSession, openDatabaseSession, type RequestScope, type RequestTime } from '@assay/subgraph';
import type { Transaction } from './adapters/database.ts';
import type { LicensingDeps } from './deps.ts';
import { type AssetLicenses, createAssetLicenses } from './downloads/asset-licenses.ts';

/** What the resolvers of one request use. */
export interface LicensingContext {
  readonly principal: Principal;
  readonly rows: DatabaseSession<Transaction>;
  readonly licensesOf: AssetLicenses;
  readonly deps: LicensingDeps;
}

/** Opens nothing yet: a transaction begins with the first row that is asked for. */
export function openScope(
  deps: LicensingDeps,
  principal: Principal,
  time?: RequestTime,
): RequestScope<LicensingContext> {
  const rows = openDatabaseSession<Transaction>(deps.database, principal, time);
  return {
    context: { principal, rows, licensesOf: createAssetLicenses(rows, principal), deps },
    end: () => rows.end(),
  };
}
