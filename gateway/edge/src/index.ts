export { type Connection, type ConnectionOf, createEdge } from './app.ts';
export { type EdgeConfig, parseConfig } from './config.ts';
export type { EdgeDeps, EdgeLog } from './deps.ts';
export { type RunningEdge, startEdge } from './start.ts';
