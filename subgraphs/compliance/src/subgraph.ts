import 'reflect-metadata';
import { permissions } from '@assay/policy';
import type { PrincipalVerifier } from '@assay/principal';
import {
  createSubgraphHandler as createHandler,
  DateTimeScalar,
  federate,
  guard,
  type PartHealth,
  type SpentTokens,
  type SubgraphHandler,
} from '@assay/subgraph';
import { type ContextDeps, openScope } from './context.ts';
import { AccessRequestResolver } from './schema/access-request.resolver.ts';
import { AuditEntryResolver } from './schema/audit-entry.resolver.ts';

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

/** The compliance subgraph: the audit trail, and who may read it for how long. */
export async function createSubgraphHandler(deps: SubgraphDeps): Promise<SubgraphHandler> {
  const { schema } = await build();
  return createHandler({
    name: 'compliance',
    schema: guard(schema, permissions),
    verifyPrincipal: deps.verifyPrincipal,
    spentTokens: deps.spentTokens,
    openScope: (principal, time) => openScope(deps, principal, time),
    report: deps.report,
    health: async () => {
      await deps.database.$queryRaw`select 1`;
      const [drain, janitor] = await Promise.all([drainHealth(deps.database), janitorHealth(deps.database)]);
      return { database: { ok: true }, drain, janitor };
    },
  });
}

/** The drain looks for redemptions every second, and says so; it is away when it has not for this long. */
const DRAIN_PATIENCE_S = 10;

/** Never a reason to answer nobody: redemptions wait in their stream. */
async function drainHealth(database: ContextDeps['database']): Promise<PartHealth> {
  const [row] = await database.$queryRaw<{ seen_s: number | null; set_aside: bigint }[]>`
    select * from compliance.drain_health()`;
  const setAside = row?.set_aside ?? 0n;
  const isSeen = typeof row?.seen_s === 'number' && row.seen_s < DRAIN_PATIENCE_S;
  if (!isSeen) return { ok: false, isOptional: true, detail: 'the drain of redemptions is away' };
  if (setAside > 0n)
    return { ok: false, isOptional: true, detail: `${setAside} entries of the stream were no redemptions` };
  return { ok: true, isOptional: true };
}

/** The janitor beats every five seconds while its rounds are whole. */
const JANITOR_PATIENCE_S = 30;

/** Never a reason to answer nobody: what it would have tidied waits. */
async function janitorHealth(database: ContextDeps['database']): Promise<PartHealth> {
  const [row] = await database.$queryRaw<{ seen_s: number | null }[]>`select * from compliance.janitor_health()`;
  const isSeen = typeof row?.seen_s === 'number' && row.seen_s < JANITOR_PATIENCE_S;
  return isSeen
    ? { ok: true, isOptional: true }
    : { ok: false, isOptional: true, detail: 'the janitor is away, or its rounds end early' };
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
