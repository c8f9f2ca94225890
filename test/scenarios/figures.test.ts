import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { CREATE_DOWNLOAD, TENANT_OF_ME } from '../../ops/demo/operations.ts';
import { dashboard } from '../../ops/observability/grafana/dashboard.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { sharedGround } from '../ground.ts';
import { callerOf } from '../system.ts';
import { ROCKET, readyAsset, until } from './cast.ts';

const ground = sharedGround();
const urls = urlsOf(ground);

/** Figures by name and labels, the labels in order of their names: `name{a="1",b="2"}`. */
type Figures = ReadonlyMap<string, number>;

async function scrape(url: string): Promise<Figures> {
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toContain('application/openmetrics-text');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*?)\})? (\S+)/.exec(line) ?? [];
      return [
        `${name}{${labels
          .split(/,(?=\w+=)/)
          .sort()
          .join(',')}}`,
        Number(value),
      ];
    }),
  );
}

/** The sum of all figures of a name that have these labels. */
function sumOf(figures: Figures, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const own = [...figures].filter(([key]) => key.startsWith(`${name}{`) && wanted.every((each) => key.includes(each)));
  return own.reduce((sum, [, value]) => sum + value, 0);
}

function withoutLabels(expr: string): string {
  return expr.replaceAll(/ by \([^)]*\)/g, '');
}

describe('what the gateway tells in figures', () => {
  let token: string;
  beforeAll(async () => {
    token = await tokenOf(ground, 'author@northlight.test');
  });
  const post = async (body: object, headers: Record<string, string> = { authorization: `Bearer ${token}` }) => {
    const answer = await fetch(`${urls.gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    await answer.arrayBuffer();
  };
  /** How much each figure grew by some requests. */
  const growthBy = async (work: () => Promise<unknown>) => {
    const before = await scrape(urls.metrics);
    await work();
    const after = await scrape(urls.metrics);
    return (name: string, labels?: Readonly<Record<string, string>>) =>
      sumOf(after, name, labels) - sumOf(before, name, labels);
  };

  it('an operation of the manifest has its name and hash; what anybody made up is "other"', async () => {
    const made = Array.from({ length: 3 }, (_, nth) => `query Invented${nth} { me { id } }`);
    const grown = await growthBy(async () => {
      await post({ query: TENANT_OF_ME });
      for (const query of made) await post({ query });
    });
    const count = 'graphql_operation_duration_seconds_count';
    expect(grown(count, { graphql_operation_name: 'TenantOfMe', graphql_document_hash: 'b6850e7fbe08' })).toBe(1);
    expect(
      grown(count, { graphql_operation_name: 'other', graphql_operation_type: 'query', outcome: 'answered' }),
    ).toBe(3);
    const names = [...(await scrape(urls.metrics)).keys()].filter((key) => key.includes('Invented'));
    expect(names).toEqual([]);
  });

  it('plans come from the planner once', async () => {
    const query = `{ me { id handle } } # ${Date.now()}`;
    const grown = await growthBy(async () => {
      for (let nth = 0; nth < 4; nth += 1) await post({ query });
    });
    expect(grown('graphql_plan_cache_requests_total', { result: 'miss' })).toBe(1);
    expect(grown('graphql_plan_cache_requests_total', { result: 'hit' })).toBe(3);
    expect(grown('graphql_planning_duration_seconds_count')).toBe(1);
    for (const stage of ['parse', 'limits', 'validate'])
      expect(grown('graphql_document_duration_seconds_count', { stage })).toBe(1);
  });

  it('reads that joined another are fetches that nobody sent', async () => {
    const query = '{ assets(first: 50) { edges { node { id title evidence { stage verdict } } } } }';
    const grown = await growthBy(() => Promise.all(Array.from({ length: 20 }, () => post({ query }))));
    const asked = grown('graphql_subgraph_fetches_total', { subgraph_name: 'media' });
    const sent = grown('graphql_subgraph_request_duration_seconds_count', { subgraph_name: 'media' });
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(asked);
  });

  it('cost is told as estimated, and as it was for whoever asks', async () => {
    const grown = await growthBy(async () => {
      await post({ query: '{ me { id } }' });
      await post({ query: '{ me { id } }', extensions: { cost: true } });
    });
    expect(grown('graphql_operation_cost_count', { kind: 'estimated' })).toBe(2);
    expect(grown('graphql_operation_cost_count', { kind: 'actual' })).toBe(1);
  });

  it.each([
    ['depth', () => ({ query: `{ me ${'{ tenant '.repeat(30)}{ id }${' }'.repeat(30)} }` })],
    ['BAD_USER_INPUT', () => ({})],
    ['PERSISTED_QUERY_NOT_FOUND', () => ({ documentId: `sha256:${'0'.repeat(64)}` })],
    ['GRAPHQL_VALIDATION_FAILED', () => ({ query: '{ nothing }' })],
    ['FORBIDDEN', () => ({ query: '{ quarantine { edges { cursor } } }' })],
  ])('what is refused is counted by its reason: %s', async (reason, body) => {
    const grown = await growthBy(() => post(body()));
    expect(grown('graphql_rejections_total', { reason })).toBe(1);
  });

  it('a token that does not hold is a refusal too, and its request has its status', async () => {
    const grown = await growthBy(() => post({ query: '{ me { id } }' }, { authorization: 'Bearer nonsense' }));
    expect(grown('graphql_rejections_total', { reason: 'UNAUTHENTICATED' })).toBe(1);
    const labels = { http_route: 'graphql', http_request_method: 'POST', http_response_status_code: '401' };
    expect(grown('http_server_request_duration_seconds_count', labels)).toBe(1);
  });

  it('the event loop’s delay is told', async () => {
    expect((await scrape(urls.metrics)).get('nodejs_eventloop_lag_p99_seconds{}')).toBeGreaterThan(0);
  });
});

describe('the worker, the edge and the dashboard', () => {
  it('each stage of an upload is told, by its verdict', async () => {
    const before = await scrape(`${urls.worker}/metrics`);
    await readyAsset(await callerOf(ground, 'author@northlight.test'));
    const counted = (figures: Figures) => (stage: string) =>
      sumOf(figures, 'assay_intake_stage_duration_seconds_count', { stage, verdict: 'PASS' });
    const after = await scrape(`${urls.worker}/metrics`);
    for (const stage of ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'MATCH', 'CLASSIFY', 'DECIDE', 'RENDER', 'PUBLISH'])
      expect(counted(after)(stage) - counted(before)(stage)).toBe(1);
    await until(
      () => scrape(`${urls.worker}/metrics`),
      (figures) => sumOf(figures, 'assay_intake_job_duration_seconds_count', { task: 'intake', outcome: 'done' }) > 0,
    );
  });

  it('a download is told by the edge: its redemption, its bytes, and what comes of the same link again', async () => {
    const author = await callerOf(ground, 'author@northlight.test');
    const input = { assetId: await readyAsset(author) };
    const { createDownload } = await author.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, { input });
    const before = await scrape(urls.edgeMetrics);
    expect((await (await fetch(createDownload.url)).arrayBuffer()).byteLength).toBe(ROCKET.bytes.length);
    expect((await fetch(createDownload.url)).status).toBe(404);
    const redemptions = 'assay_edge_redemption_duration_seconds_count';
    await until(
      async () => {
        const after = await scrape(urls.edgeMetrics);
        const grown = (name: string, outcome?: string) => {
          const labels = outcome === undefined ? {} : { outcome };
          return sumOf(after, name, labels) - sumOf(before, name, labels);
        };
        return [
          grown(redemptions, 'redeemed'),
          grown(redemptions, 'unknown'),
          grown('assay_edge_download_duration_seconds_count', 'complete'),
          grown('assay_edge_sent_bytes_total'),
        ];
      },
      (grown) => JSON.stringify(grown) === JSON.stringify([1, 1, 1, ROCKET.bytes.length]),
    );
  });

  it('every query of the dashboard asks for figures that there are', async () => {
    // Each has something to tell once something was asked, refused and failed.
    const author = await callerOf(ground, 'author@northlight.test');
    const refused = { input: { assetId: '00000000-0000-4000-8000-000000000000', licenseKey: 'none' } };
    await author.ask(CREATE_DOWNLOAD, refused).catch(() => undefined);
    const doors = [urls.metrics, urls.edgeMetrics, `${urls.worker}/metrics`];
    const figures = await Promise.all(doors.map(scrape));
    const known = new Set(figures.flatMap((each) => [...each.keys()]).map((key) => key.split('{')[0]));
    const queries = dashboard().panels.flatMap((each) =>
      'targets' in each ? each.targets.map(({ expr }) => expr) : [],
    );
    expect(queries.length).toBeGreaterThan(20);
    const asked = queries.flatMap(
      (expr) => withoutLabels(expr).match(/\b(?:http|graphql|assay|nodejs|process)_\w+(?=[{[)]|$)/g) ?? [],
    );
    expect(asked.length).toBeGreaterThanOrEqual(queries.length);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('the dashboard’s file is what its code says', () => {
    const file = new URL('../../ops/observability/grafana/assay.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(dashboard());
  });
});
