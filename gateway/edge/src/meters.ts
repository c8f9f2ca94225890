import type { Metrics } from '@assay/telemetry';

/** What the edge counts; times are in seconds. */
export type Meters = ReturnType<typeof openMeters>;

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DOWNLOAD_BUCKETS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600];

/** Registers the edge's figures. No label has a token, an asset or who asked. */
export function openMeters(metrics: Metrics) {
  return {
    requests: metrics.histogram(
      'http_server_request_duration_seconds',
      'Time from a request to the end of its answer; a download is one of them.',
      ['http_request_method', 'http_route', 'http_response_status_code'],
      BUCKETS,
    ),
    redemptions: metrics.histogram(
      'assay_edge_redemption_duration_seconds',
      'Time until it was known what comes of a grant: redeemed, unknown (never was, spent or void), expired, forged, or failed: the ledger cannot be asked.',
      ['outcome'],
      BUCKETS,
    ),
    downloads: metrics.histogram(
      'assay_edge_download_duration_seconds',
      'Time that a file, or a range of one, was sent for, by how that ended.',
      ['outcome'],
      DOWNLOAD_BUCKETS,
    ),
    openDownloads: metrics.gauge('assay_edge_open_downloads', 'Files that are being sent.', []),
    sentBytes: metrics.counter('assay_edge_sent_bytes_total', 'Bytes of files that were handed to connections.', []),
  };
}
