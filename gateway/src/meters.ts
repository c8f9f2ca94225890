import type { Metrics } from '@assay/telemetry';

/** What the gateway counts; times are in seconds. */
export type Meters = ReturnType<typeof openMeters>;

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers the gateway's figures: what came in at the doors, what went out to subgraphs, and what went wrong. */
export function openMeters(metrics: Metrics) {
  return {
    requests: metrics.histogram(
      'http_server_request_duration_seconds',
      'Time from a request to the end of its answer; an event stream lives as long as its client.',
      ['http_request_method', 'http_route', 'http_response_status_code'],
      BUCKETS,
    ),
    operations: metrics.histogram(
      'graphql_operation_duration_seconds',
      'Time of one query or mutation, subgraphs included; what is in no manifest is "other".',
      ['graphql_operation_name', 'graphql_operation_type', 'graphql_document_hash', 'outcome'],
      BUCKETS,
    ),
    cost: metrics.histogram(
      'graphql_operation_cost',
      'Points of one operation (@cost, @listSize): estimated of each, actual of those that ask for it.',
      ['kind'],
      [1, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000],
    ),
    reading: metrics.histogram(
      'graphql_document_duration_seconds',
      'Time to make one document ready that is not kept, by stage: parse, limits, validate.',
      ['stage'],
      BUCKETS,
    ),
    plans: metrics.counter('graphql_plan_cache_requests_total', 'Operations by where their plan came from.', [
      'result',
    ]),
    planning: metrics.histogram('graphql_planning_duration_seconds', 'Time to make one plan.', [], BUCKETS),
    asked: metrics.counter(
      'graphql_subgraph_fetches_total',
      'Fetches that plans asked for; one that joined another under way counts here, and nobody sends it.',
      ['subgraph_name'],
    ),
    fetches: metrics.histogram(
      'graphql_subgraph_request_duration_seconds',
      'Time that a subgraph took for one request of ours.',
      ['subgraph_name', 'outcome'],
      BUCKETS,
    ),
    errors: metrics.counter('graphql_errors_total', 'Errors in answers, by their code.', ['code']),
    rejections: metrics.counter(
      'graphql_rejections_total',
      'What was refused: by the limit or rate that it was over, or by its code.',
      ['reason'],
    ),
    supergraphs: metrics.counter(
      'assay_gateway_supergraphs_total',
      'Supergraphs that were brought to the running gateway, by what became of them.',
      ['outcome'],
    ),
    streams: metrics.gauge('assay_gateway_streams', 'Open subscriptions.', ['door']),
    sources: metrics.gauge(
      'assay_gateway_upstream_streams',
      'Streams of subgraphs that the open subscriptions read.',
      [],
    ),
  };
}
