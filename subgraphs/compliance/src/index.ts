export { type Database, openDatabase } from './adapters/database.ts';
export { createSubgraphHandler, printSdl, type SubgraphDeps } from './subgraph.ts';
