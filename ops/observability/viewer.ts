import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Receiver, type SeenSpan, startReceiver } from './receiver.ts';
import { drawWaterfall, escaped } from './waterfall.ts';

/** Where OpenTelemetry's receivers are by default. */
export const OTLP_PORT = 4318;

const SHOWN = 100;

/** Takes traces, and shows the latest at `/`, each as a waterfall: for a look while one develops, where Grafana is too much. */
export async function startViewer(port: number): Promise<Receiver> {
  const receiver: Receiver = await startReceiver(port, (request, response) => show(receiver, request, response));
  return receiver;
}

function show(receiver: Receiver, { method, url = '/' }: IncomingMessage, response: ServerResponse): void {
  const id = /^\/([0-9a-f]{32})$/.exec(url)?.[1];
  const spans = receiver.spans();
  const own = id === undefined ? [] : spans.filter(({ traceId }) => traceId === id);
  if (method !== 'GET' || (url !== '/' && own.length === 0)) return void response.writeHead(404).end('Not found\n');
  const body = id === undefined ? listOf(spans) : `<p><a href="/">All traces</a></p>${drawWaterfall(own)}`;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
  });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Traces</title><style>body{font:14px system-ui;margin:16px}td{padding:2px 12px 2px 0}</style><body>${body}`,
  );
}

/** The latest first. */
function listOf(spans: readonly SeenSpan[]): string {
  const traces = [...Map.groupBy(spans, ({ traceId }) => traceId)].reverse().slice(0, SHOWN);
  const rows = traces.map(([id, own]) => {
    const [first] = own;
    const asked = own.find(({ attributes }) => 'graphql.operation.name' in attributes);
    const name = [first?.name, asked?.attributes['graphql.operation.name']].filter(Boolean).join(' ');
    const at = new Date(first?.startMs ?? 0).toISOString();
    return `<tr><td>${at}</td><td><a href="/${id}">${escaped(name)}</a></td><td>${own.length} spans</td></tr>`;
  });
  return `<h1>Traces</h1>${rows.length > 0 ? `<table>${rows.join('')}</table>` : '<p>None came yet.</p>'}`;
}
