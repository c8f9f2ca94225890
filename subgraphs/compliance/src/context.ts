import type { Principal } from '@assay/principal';
import { type DatabaseSession, openDatabaseSession, type RequestTime } from '@assay/subgraph';
import type { Database, Transaction } from './adapters/database.ts';

/** What a resolver may use while one request runs. */
export interface ComplianceContext {
  readonly principal: Principal;
  /** Requests for access. */
  readonly rows: DatabaseSession<Transaction>;
  /** The trail itself, by the role that sees it only while the caller holds a live grant. */
  readonly trail: DatabaseSession<Transaction>;
}

export interface ContextDeps {
  readonly database: Database;
  readonly trail: Database;
}

/** Opens what a request may use; nothing is asked of the database yet. */
export function openScope(deps: ContextDeps, principal: Principal, time?: RequestTime) {
  const rows = openDatabaseSession<Transaction>(deps.database, principal, time);
  const trail = openDatabaseSession<Transaction>(deps.trail, principal, time);
  const context: ComplianceContext = { principal, rows, trail };
  return { context, end: async () => void (await Promise.all([rows.end(), trail.end()])) };
}
