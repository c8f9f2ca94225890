export { type LicensingConfig, parseConfig } from './config.ts';
export { type LicensingDeps, openDeps } from './deps.ts';
export { createSubgraphHandler, printSdl } from './subgraph.ts';
