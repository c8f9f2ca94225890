export { type Database, openDatabase } from './adapters/database.ts';
export { type ComplianceConfig, parseConfig } from './config.ts';
export { openDeps } from './deps.ts';
export { createSubgraphHandler, printSdl, type SubgraphDeps } from './subgraph.ts';
