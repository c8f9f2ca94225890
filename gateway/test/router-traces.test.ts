import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTelemetry } from '@assay/telemetry';
import { createClient } from 'graphql-sse';
import { expect, it } from 'vitest';
import { type SeenSpan, startReceiver } from '../../ops/observability/receiver.ts';
import { composeSupergraph } from '../src/compose.ts';
import { startRouter } from '../src/router/router.ts';
import { startSocketSubgraph } from './socket-subgraph.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

/** A router over one subgraph, asked once by somebody who brings a trace. */
async function askOnce(
  env: Readonly<Record<string, string>>,
): Promise<{ headers: IncomingHttpHeaders; figures: string }> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(mkdtempSync(join(tmpdir(), 'assay-router-')), (made) => rmSync(made, { recursive: true }));
  const asked: IncomingHttpHeaders[] = [];
  const subgraph = createServer((request, response) => {
    asked.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"hello":"world"}}');
  });
  stack.defer(() => void subgraph.close());
  await once(subgraph.listen(0, '127.0.0.1'), 'listening');
  const { port } = subgraph.address() as AddressInfo;
  const sdl = composeSupergraph({ hello: `${LINK} type Query { hello: String }` }).replace(
    /(@join__graph\(name: "hello", url: )"[^"]*"/,
    `$1"http://127.0.0.1:${port}/graphql"`,
  );
  const supergraph = join(folder, 'supergraph.graphql');
  writeFileSync(supergraph, sdl);
  const telemetry = stack.use(await startTelemetry('router', { ASSAY_LOG_LEVEL: 'silent', ...env }));
  const options = { supergraph, port: 0, shareInFlight: true, forwardHeaders: [], maxCost: null, metricsPort: 0 };
  const router = stack.use(await startRouter(options, telemetry.log));
  const answer = await fetch(`${router.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-b7ad6b7169203331-01` },
    body: JSON.stringify({ query: 'query Greet { hello }' }),
  });
  expect(await answer.json()).toEqual({ data: { hello: 'world' } });
  const figures = await (await fetch(router.metricsUrl ?? '')).text();
  return { headers: asked[0] ?? {}, figures };
}

it('the router goes on with its client’s trace, and its subgraph with the router’s', async () => {
  await using receiver = await startReceiver(0);
  const {
    headers: { traceparent },
  } = await askOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const spans = receiver.spans();
  const named = (name: string): SeenSpan | undefined => spans.find((span) => span.name === name);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
  expect(named('fetch hello')?.parentId).toBe(named('query')?.spanId);
  expect(traceparent).toBe(`00-${TRACE}-${named('fetch hello')?.spanId}-01`);
});

it('a subgraph that is asked for a stream over WebSocket is told of the trace as well', async () => {
  await using receiver = await startReceiver(0);
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(mkdtempSync(join(tmpdir(), 'assay-router-')), (made) => rmSync(made, { recursive: true }));
  const subgraph = stack.use(await startSocketSubgraph());
  const sdl = composeSupergraph({
    news: `${LINK} type Query { hello: String } type Subscription { stories: Story } type Story { title: String }`,
  }).replace(/(@join__graph\(name: "news", url: )"[^"]*"/, `$1"http://127.0.0.1:${subgraph.port}/graphql"`);
  const supergraph = join(folder, 'supergraph.graphql');
  writeFileSync(supergraph, sdl);
  const env = { ASSAY_LOG_LEVEL: 'silent', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const telemetry = stack.use(await startTelemetry('router', env));
  const options = { supergraph, port: 0, shareInFlight: true, forwardHeaders: [], maxCost: null };
  const router = stack.use(await startRouter({ ...options, streamOver: { news: 'ws' } }, telemetry.log));
  const headers = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
  const client = createClient({ url: `${router.url}/graphql`, retryAttempts: 0, headers });
  const first = client.iterate({ query: 'subscription { stories { title } }' }).next();
  await expect.poll(() => subgraph.sources.length).toBe(1);
  subgraph.sources[0]?.tell(1);
  expect((await first).value).toEqual({ data: { stories: { title: 'story 1' } } });
  client.dispose();
  await subgraph.sources[0]?.left;
  await stack.disposeAsync();
  const asked = receiver.spans().find(({ name }) => name === 'fetch news');
  expect(subgraph.sources[0]?.request.headers['traceparent']).toBe(`00-${TRACE}-${asked?.spanId}-01`);
});

it('where nobody collects, its subgraphs are told of no trace', async () => {
  expect((await askOnce({})).headers).not.toHaveProperty('traceparent');
});

it('its figures tell of operations, plans and what subgraphs were asked, in the field’s names', async () => {
  const { figures } = await askOnce({});
  for (const name of [
    'graphql_operation_duration_seconds_count{graphql_operation_name="other",graphql_operation_type="query",',
    'graphql_plan_cache_requests_total{result="miss"} 1',
    'graphql_subgraph_fetches_total{subgraph_name="hello"} 1',
    'graphql_subgraph_request_duration_seconds_count{subgraph_name="hello",outcome="answered"} 1',
  ])
    expect(figures).toContain(name);
});
