export { type ConnectionArgs, type Edge, pageOf, parseFirst, type RelayPage } from './connection.ts';
export { type DatabaseSession, openDatabaseSession } from './database-session.ts';
export { federate, type SubgraphSchemaOptions } from './federate.ts';
export {
  createSubgraphHandler,
  type PartHealth,
  type RequestScope,
  type SubgraphDefinition,
  type SubgraphEvent,
  type SubgraphHandler,
  type SubgraphRequest,
} from './handler.ts';
export { LATEST_ONLY } from './latest-only.ts';
export { PageInfoType } from './page-info.ts';
export { type RequestTime, timeLeft } from './request-time.ts';
export { BigIntScalar, DateTimeScalar } from './scalars.ts';
export { guard } from './shield.ts';
export { createSpentTokens, type SpentTokens } from './spent-tokens.ts';
