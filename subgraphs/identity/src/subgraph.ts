import 'reflect-metadata';
import { permissions } from '@assay/policy';
import type { PrincipalVerifier } from '@assay/principal';
import {
  createSubgraphHandler as createHandler,
  DateTimeScalar,
  federate,
  guard,
  type SpentTokens,
  type SubgraphHandler,
} from '@assay/subgraph';
import { type ContextDeps, openScope } from './context.ts';
import { SessionResolver } from './schema/session.resolver.ts';
import { tenantReference } from './schema/tenant.reference.ts';
import { TenantResolver } from './schema/tenant.resolver.ts';
import { userReference } from './schema/user.reference.ts';
import { UserResolver } from './schema/user.resolver.ts';

export interface SubgraphDeps extends ContextDeps {
  readonly verifyPrincipal: PrincipalVerifier;
  /** Shared with this subgraph’s other replicas, where it has any. */
  readonly spentTokens?: SpentTokens | undefined;
  readonly report: (errorId: string, error: unknown) => void;
}

/** The subgraph's SDL, for composition. */
export async function printSdl(): Promise<string> {
  return (await build()).sdl;
}

/** The identity subgraph: users, tenants, one's own sessions. */
export async function createSubgraphHandler(deps: SubgraphDeps): Promise<SubgraphHandler> {
  const { schema } = await build();
  return createHandler({
    name: 'identity',
    schema: guard(schema, permissions),
    verifyPrincipal: deps.verifyPrincipal,
    spentTokens: deps.spentTokens,
    openScope: (principal, time) => openScope(deps, principal, time),
    report: deps.report,
    health: async () => {
      await deps.database.$queryRaw`select 1`;
      return { database: { ok: true } };
    },
  });
}

function build() {
  return federate({
    resolvers: [UserResolver, TenantResolver, SessionResolver],
    orphanedTypes: [],
    scalars: [{ type: Date, scalar: DateTimeScalar }],
    references: { User: userReference, Tenant: tenantReference },
    permissions,
  });
}
