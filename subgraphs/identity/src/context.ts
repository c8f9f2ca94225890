import type { Principal } from '@assay/principal';
import { type DatabaseSession, openDatabaseSession, type RequestTime } from '@assay/subgraph';
import type { Keyring } from './accounts/keyring.ts';
import type { Database, Transaction } from './adapters/database.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { WakeSession } from './sessions/sessions.ts';

/** What a resolver may use while one request runs. */
export interface IdentityContext {
  readonly principal: Principal;
  readonly rows: DatabaseSession<Transaction>;
  readonly load: Loaders;
  readonly wake: WakeSession;
}

export interface ContextDeps {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly wake: WakeSession;
}

/** Opens what a request may use; nothing is asked of the database yet. */
export function openScope({ database, keyring, wake }: ContextDeps, principal: Principal, time?: RequestTime) {
  const rows = openDatabaseSession<Transaction>(database, principal, time);
  const context: IdentityContext = { principal, rows, load: createLoaders(rows, keyring, principal), wake };
  return { context, end: () => rows.end() };
}
