/** The dashboard, as Grafana imports it; `write.ts` writes it to `assay.json`. */
export function dashboard() {
  const rows = [
    row('Doors', [
      panel('Requests a second, by door', 'reqps', [
        ['sum by (http_route) (rate(http_server_request_duration_seconds_count[$__rate_interval]))', '{{http_route}}'],
      ]),
      panel('p50, p95, p99 of GraphQL', 's', [
        [quantile(0.5, 'http_server_request_duration_seconds', '{http_route="graphql"}'), 'p50'],
        [quantile(0.95, 'http_server_request_duration_seconds', '{http_route="graphql"}'), 'p95'],
        [quantile(0.99, 'http_server_request_duration_seconds', '{http_route="graphql"}'), 'p99'],
      ]),
      panel('Refused a second, by reason', 'reqps', [
        ['sum by (reason) (rate(graphql_rejections_total[$__rate_interval]))', '{{reason}}'],
      ]),
      panel('Errors a second, by code', 'reqps', [
        ['sum by (code) (rate(graphql_errors_total[$__rate_interval]))', '{{code}}'],
      ]),
    ]),
    row('Operations', [
      panel('p95 by operation', 's', [
        [
          quantile(0.95, 'graphql_operation_duration_seconds', '', 'graphql_operation_name'),
          '{{graphql_operation_name}}',
        ],
      ]),
      panel('Operations a second, by outcome', 'ops', [
        ['sum by (outcome) (rate(graphql_operation_duration_seconds_count[$__rate_interval]))', '{{outcome}}'],
      ]),
      panel('Estimated cost, p50 and p99', 'short', [
        [quantile(0.5, 'graphql_operation_cost', '{kind="estimated"}'), 'p50'],
        [quantile(0.99, 'graphql_operation_cost', '{kind="estimated"}'), 'p99'],
      ]),
      panel('Plans out of the cache', 'percentunit', [
        [
          'sum(rate(graphql_plan_cache_requests_total{result="hit"}[$__rate_interval])) / sum(rate(graphql_plan_cache_requests_total[$__rate_interval]))',
          'hits',
        ],
      ]),
      panel('Time to read a document, p95, by stage', 's', [
        [quantile(0.95, 'graphql_document_duration_seconds', '', 'stage'), '{{stage}}'],
      ]),
      panel('Time to make a plan, p95', 's', [[quantile(0.95, 'graphql_planning_duration_seconds'), 'p95']]),
    ]),
    row('Subgraphs', [
      panel('Requests a second', 'reqps', [
        [
          'sum by (subgraph_name, outcome) (rate(graphql_subgraph_request_duration_seconds_count[$__rate_interval]))',
          '{{subgraph_name}} {{outcome}}',
        ],
      ]),
      panel('p95', 's', [
        [quantile(0.95, 'graphql_subgraph_request_duration_seconds', '', 'subgraph_name'), '{{subgraph_name}}'],
      ]),
      panel('Fetches that joined another', 'percentunit', [
        [
          '1 - sum by (subgraph_name) (rate(graphql_subgraph_request_duration_seconds_count[$__rate_interval])) / sum by (subgraph_name) (rate(graphql_subgraph_fetches_total[$__rate_interval]))',
          '{{subgraph_name}}',
        ],
      ]),
      panel('Open streams, by door', 'short', [
        ['sum by (door) (assay_gateway_streams)', '{{door}}'],
        ['assay_gateway_upstream_streams', 'of subgraphs'],
      ]),
    ]),
    row('Edge', [
      panel('Redemptions a second, by what came of them', 'reqps', [
        ['sum by (outcome) (rate(assay_edge_redemption_duration_seconds_count[$__rate_interval]))', '{{outcome}}'],
      ]),
      panel('Time to redeem, p50, p95, p99', 's', [
        [quantile(0.5, 'assay_edge_redemption_duration_seconds'), 'p50'],
        [quantile(0.95, 'assay_edge_redemption_duration_seconds'), 'p95'],
        [quantile(0.99, 'assay_edge_redemption_duration_seconds'), 'p99'],
      ]),
      panel('Bytes a second', 'Bps', [['rate(assay_edge_sent_bytes_total[$__rate_interval])', 'sent']]),
      panel('Downloads, open and a second by how they ended', 'short', [
        ['assay_edge_open_downloads', 'open'],
        ['sum by (outcome) (rate(assay_edge_download_duration_seconds_count[$__rate_interval]))', '{{outcome}}'],
      ]),
      panel('Time of a download, p95', 's', [[quantile(0.95, 'assay_edge_download_duration_seconds'), 'p95']]),
    ]),
    row('Intake', [
      panel('p95 of each stage', 's', [
        [quantile(0.95, 'assay_intake_stage_duration_seconds', '', 'stage'), '{{stage}}'],
      ]),
      panel('Verdicts a second', 'ops', [
        [
          'sum by (stage, verdict) (rate(assay_intake_stage_duration_seconds_count{verdict!="PASS"}[$__rate_interval]))',
          '{{stage}} {{verdict}}',
        ],
      ]),
      panel('Jobs that wait, and for how long', 'short', [
        ['assay_intake_jobs_waiting', 'jobs'],
        ['assay_intake_oldest_job_seconds', 'seconds'],
      ]),
      panel('Jobs a second, by how they ended', 'ops', [
        [
          'sum by (task, outcome) (rate(assay_intake_job_duration_seconds_count[$__rate_interval]))',
          '{{task}} {{outcome}}',
        ],
      ]),
    ]),
    row('Processes', [
      panel('Delay of the event loop, p99', 's', [['nodejs_eventloop_lag_p99_seconds', '{{job}}']]),
      panel('CPU', 'percentunit', [['rate(process_cpu_seconds_total[$__rate_interval])', '{{job}}']]),
      panel('Memory', 'bytes', [['process_resident_memory_bytes', '{{job}}']]),
    ]),
  ];
  return {
    title: 'Assay',
    uid: 'assay',
    tags: ['assay'],
    timezone: 'utc',
    schemaVersion: 41,
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    panels: placed(rows),
  };
}

type Query = readonly [expr: string, legend: string];
interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly Query[];
}
interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

function panel(title: string, unit: string, queries: readonly Query[]): Panel {
  return { title, unit, queries };
}

function row(title: string, panels: readonly Panel[]): Row {
  return { title, panels };
}

function quantile(rank: number, histogram: string, selector = '', by?: string): string {
  const labels = by ? `le, ${by}` : 'le';
  return `histogram_quantile(${rank}, sum by (${labels}) (rate(${histogram}_bucket${selector}[$__rate_interval])))`;
}

const COLUMNS = 24;
const PANEL_HEIGHT = 8;

/** A row's title above its panels, all of one width. */
function placed(rows: readonly Row[]) {
  let y = 0;
  let id = 0;
  return rows.flatMap(({ title, panels }) => {
    const w = Math.floor(COLUMNS / panels.length);
    const head = { id: ++id, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] };
    const drawn = panels.map((each, nth) => timeSeries(++id, each, { x: nth * w, y: y + 1, w, h: PANEL_HEIGHT }));
    y += PANEL_HEIGHT + 1;
    return [head, ...drawn];
  });
}

function timeSeries(id: number, { title, unit, queries }: Panel, gridPos: object) {
  return {
    id,
    type: 'timeseries',
    title,
    datasource: { type: 'prometheus', uid: 'prometheus' },
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(([expr, legendFormat], nth) => ({ refId: String.fromCharCode(65 + nth), expr, legendFormat })),
  };
}
