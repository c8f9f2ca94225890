export { announceReady, createLog, type Log } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { openMetricsDoor } from './metrics-door.ts';
export { requestIdOf } from './request-id.ts';
export { currentRequestId, inRequest } from './request-scope.ts';
export { type LogLevel, parseTelemetry, type TelemetrySettings } from './settings.ts';
export { startTelemetry, type Telemetry } from './start.ts';
export {
  type Attributes,
  type EntryStep,
  enter,
  isTracing,
  type Note,
  pastStep,
  type Step,
  step,
  traceId,
  traceparent,
} from './trace.ts';
