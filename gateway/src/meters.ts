import type { Metrics } from '@assay/telemetry';

/** What the gateway counts; times are in seconds. */
export type Meters = ReturnType<typeof openMeters>;

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers the gateway's figures: what came in at the doors, what went out to subgraphs, and what went wrong. */
export function openMeters(metrics: Metrics) {
  return {
    requests: metrics.histogram(
      'assay_gateway_request_seconds',
      'Time from a request to the end of its answer; an event stream lives as long as its client.',
      ['door', 'status'],
      BUCKETS,
    ),
    fetches: metrics.histogram(
      'assay_gateway_fetch_seconds',
      'Time that a subgraph took for one fetch of a plan.',
      ['subgraph', 'outcome'],
      BUCKETS,
    ),
    errors: metrics.counter('assay_gateway_errors_total', 'Errors in answers, by their code.', ['code']),
    streams: metrics.gauge('assay_gateway_streams', 'Open subscriptions.', ['door']),
  };
}
