export { type MediaConfig, parseConfig } from './config.ts';
export { type MediaDeps, openDeps } from './deps.ts';
export { createSubgraphHandler, printSdl } from './subgraph.ts';
