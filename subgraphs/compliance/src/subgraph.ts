import 'reflect-metadata';
import { permissions } from '@assay/policy';
import type { PrincipalVerifier } from '@assay/principal';
import {
  createSubgraphHandler as createHandler,
  DateTimeScalar,
  federate,
  guard,
  type SubgraphHandler,
} from '@assay/subgraph';
import { type ContextDeps, openScope } from './context.ts';
import { AccessRequestResolver } from './schema/access-request.resolver.ts';
import { AuditEntryResolver } from './schema/audit-entry.resolver.ts';

export interface SubgraphDeps extends ContextDeps {
  readonly verifyPrincipal: PrincipalVerifier;
  readonly report: (errorId: string, error: unknown) => void;
}

/** The subgraph's SDL, for composition. */
export async function printSdl(): Promise<string> {
  return (await build()).sdl;
}

/** The compliance subgraph: the audit trail, and who may read it for how long. */
export async function createSubgraphHandler(deps: SubgraphDeps): Promise<SubgraphHandler> {
  const { schema } = await build();
  return createHandler({
    name: 'compliance',
    schema: guard(schema, permissions),
    verifyPrincipal: deps.verifyPrincipal,
    openScope: (principal) => openScope(deps, principal),
    report: deps.report,
    health: async () => {
      await deps.database.$queryRaw`select 1`;
      return { database: { ok: true } };
    },
  });
}

function build() {
  return federate({
    resolvers: [AuditEntryResolver, AccessRequestResolver],
    orphanedTypes: [],
    scalars: [{ type: Date, scalar: DateTimeScalar }],
    references: {},
    permissions,
  });
}
