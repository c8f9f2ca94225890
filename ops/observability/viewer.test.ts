import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receiver, SeenSpan } from './receiver.ts';
import { startViewer } from './viewer.ts';
import { drawWaterfall } from './waterfall.ts';

const ID = '0af7651916cd43dd8448eb211c80319c';

/** A span as OTLP's JSON has it. */
const sent = (spanId: string, parentSpanId: string, name: string, startMs: number) => ({
  traceId: ID,
  spanId,
  parentSpanId,
  name,
  kind: 2,
  startTimeUnixNano: `${startMs}000000`,
  endTimeUnixNano: `${startMs + 10}000000`,
  attributes: [{ key: 'graphql.operation.name', value: { stringValue: '<b>Shelf</b>' } }],
});

describe('the viewer of traces', () => {
  let viewer: Receiver;
  beforeAll(async () => {
    viewer = await startViewer(0);
  });
  afterAll(() => viewer[Symbol.asyncDispose]());
  const get = async (path: string) => {
    const answer = await fetch(`${viewer.url}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const post = async (body: string) =>
    (await fetch(`${viewer.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
      .status;

  it('says that nothing came, and refuses what is no export', async () => {
    expect((await get('/')).text).toContain('None came yet');
    expect(await Promise.all(['', '{', '[]', '{"resourceSpans":[{}]}'].map(post))).toEqual([400, 400, 400, 400]);
  });

  it('lists what came, and draws it: names are text, whatever they are', async () => {
    const spans = [
      sent('a'.repeat(16), '', 'POST graphql', 1_000),
      sent('b'.repeat(16), 'a'.repeat(16), 'plan', 1_002),
    ];
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'gateway' } }] };
    expect(await post(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }))).toBe(200);
    const list = await get('/');
    expect(list.text).toContain(`<a href="/${ID}">POST graphql &lt;b&gt;Shelf&lt;/b&gt;</a>`);
    const drawn = await get(`/${ID}`);
    expect(drawn.text).toMatch(/POST graphql<\/text>.*plan<\/text>/s);
    expect(drawn.text).not.toContain('<b>');
  });

  it('knows no other trace', async () => {
    expect((await get(`/${'1'.repeat(32)}`)).status).toBe(404);
    expect((await get('/etc/passwd')).status).toBe(404);
  });
});

describe('a waterfall', () => {
  const span = (spanId: string, parentId: string | null, startMs: number, durationMs: number): SeenSpan => ({
    part: 'gateway',
    traceId: ID,
    spanId,
    parentId,
    name: spanId,
    kind: 'internal',
    startMs,
    durationMs,
    isFailed: false,
    attributes: {},
  });
  it('has each span below its parent, in the order of their beginning', () => {
    const svg = drawWaterfall([
      span('c', 'a', 5, 1),
      span('d', 'b', 3, 1),
      span('a', 'elsewhere', 0, 10),
      span('b', 'a', 2, 2),
    ]);
    const names = [...svg.matchAll(/<text x="\d+" y="\d+">([a-d])<\/text>/g)].map(([, name]) => name);
    expect(names).toEqual(['a', 'b', 'd', 'c']);
  });
});
