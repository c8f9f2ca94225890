export { announceReady, createLog, type Log } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { requestIdOf } from './request-id.ts';
