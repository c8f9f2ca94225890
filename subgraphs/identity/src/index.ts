export { createEmailIndex, type EmailIndex } from './accounts/email.ts';
export { createKeyring, type Keyring } from './accounts/keyring.ts';
export { type Database, openDatabase } from './adapters/database.ts';
export { createRedisWake, sessionChannel } from './adapters/redis-wake.ts';
export { createSqlSessions } from './adapters/sql-sessions.ts';
export { truncateAddress } from './sessions/address.ts';
export type { SessionFacts, Sessions, SignInProof, Visitor, WakeSession } from './sessions/sessions.ts';
export { createSubgraphHandler, printSdl, type SubgraphDeps } from './subgraph.ts';
