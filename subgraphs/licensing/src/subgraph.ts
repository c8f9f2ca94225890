import 'reflect-metadata';
import { permissions } from '@assay/policy';
import {
  createSubgraphHandler as createHandler,
  DateTimeScalar,
  federate,
  guard,
  type SubgraphHandler,
} from '@assay/subgraph';
import { openScope } from './context.ts';
import type { LicensingDeps } from './deps.ts';
import { AssetLicensesResolver } from './schema/asset.resolver.ts';
import { DownloadResolver } from './schema/download.resolver.ts';
import { licenseReference } from './schema/license.reference.ts';
import { LicenseResolver } from './schema/license.resolver.ts';

/** The subgraph's SDL, for composition. */
export async function printSdl(): Promise<string> {
  return (await build()).sdl;
}

/** The licensing subgraph: licences, seats, and grants to download. */
export async function createSubgraphHandler(deps: LicensingDeps): Promise<SubgraphHandler> {
  const { schema } = await build();
  return createHandler({
    name: 'licensing',
    schema: guard(schema, permissions),
    verifyPrincipal: deps.verifyPrincipal,
    spentTokens: deps.spentTokens,
    openScope: (principal, time) => openScope(deps, principal, time),
    report: deps.report,
    health: async () => {
      await Promise.all([deps.database.$queryRaw`select 1`, deps.grants.isAlive()]);
      return { database: { ok: true }, redis: { ok: true } };
    },
  });
}

function build() {
  return federate({
    resolvers: [LicenseResolver, AssetLicensesResolver, DownloadResolver],
    orphanedTypes: [],
    scalars: [{ type: Date, scalar: DateTimeScalar }],
    references: { License: licenseReference, Asset: async ({ id }) => ({ id }) },
    permissions,
  });
}
