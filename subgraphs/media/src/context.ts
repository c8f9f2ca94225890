import type { Principal } from '@assay/principal';
import { openDatabaseSession, type RequestScope, type RequestTime } from '@assay/subgraph';
import { type AssetReader, createAssetReader, type MediaRows } from './assets/asset-reader.ts';
import { createRecords, type Records } from './assets/records.ts';
import type { MediaDeps } from './deps.ts';

/** What the resolvers of one request use. */
export interface MediaContext {
  readonly principal: Principal;
  readonly rows: MediaRows;
  readonly assets: AssetReader;
  readonly records: Records;
  readonly deps: MediaDeps;
}

/** Opens nothing yet: a transaction begins with the first row that is asked for. */
export function openScope(deps: MediaDeps, principal: Principal, time?: RequestTime): RequestScope<MediaContext> {
  const own = openDatabaseSession(deps.database, principal, time);
  const isModerator = principal.roles.includes('platform_admin');
  const moderation = isModerator ? openDatabaseSession(deps.moderation, principal, time) : null;
  const rows = { own, moderation };
  const assets = createAssetReader(principal, rows);
  return {
    context: { principal, rows, assets, records: createRecords(assets), deps },
    end: async () => void (await Promise.all([own.end(), moderation?.end()])),
  };
}
