import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

/** One span, as a reader wants it. */
export interface SeenSpan {
  /** `service.name`. */
  readonly part: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null: nobody before it. */
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface Receiver extends AsyncDisposable {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  readonly url: string;
  /** The latest, in the order of their beginning. */
  spans(): readonly SeenSpan[];
}

const MAX_SPANS = 50_000;
const KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

const value = z.object({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.coerce.number().optional(),
  doubleValue: z.number().optional(),
});
const attributes = z.array(z.object({ key: z.string(), value })).default([]);
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int().min(0).max(5),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes,
  status: z.object({ code: z.int().optional() }).default({}),
});
/** ExportTraceServiceRequest, as far as it is read here (OTLP 1, JSON Protobuf encoding). */
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});

/** Takes traces by OTLP over HTTP, as JSON, and keeps the latest. On loopback. @param port 0: any */
export async function startReceiver(
  port: number,
  answerOthers: (request: IncomingMessage, response: ServerResponse) => void = notFound,
): Promise<Receiver> {
  const kept: SeenSpan[] = [];
  const server = createServer(async (incoming, response) => {
    if (incoming.method !== 'POST' || incoming.url !== '/v1/traces') return answerOthers(incoming, response);
    const sent = request.safeParse(await json(incoming).catch(() => null));
    if (!sent.success) return void response.writeHead(400).end();
    kept.push(...seenIn(sent.data));
    kept.splice(0, kept.length - MAX_SPANS);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`,
    spans: () => kept.toSorted((a, b) => a.startMs - b.startMs || b.durationMs - a.durationMs),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function seenIn({ resourceSpans }: z.infer<typeof request>): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const part = String(plain(resource.attributes)['service.name'] ?? '');
    return scopeSpans.flatMap(({ spans }) => spans.map((each) => seen(part, each)));
  });
}

function seen(part: string, sent: z.infer<typeof span>): SeenSpan {
  const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano: start, endTimeUnixNano: end } = sent;
  return {
    part,
    traceId,
    spanId,
    parentId: parentSpanId || null,
    name,
    kind: KINDS[kind] ?? 'internal',
    startMs: Number(start / 1_000n) / 1_000,
    durationMs: Number((end - start) / 1_000n) / 1_000,
    // STATUS_CODE_ERROR
    isFailed: sent.status.code === 2,
    attributes: plain(sent.attributes),
  };
}

function plain(sent: z.infer<typeof attributes>): SeenSpan['attributes'] {
  return Object.fromEntries(
    sent.map(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? intValue ?? doubleValue ?? '',
    ]),
  );
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end();
}
