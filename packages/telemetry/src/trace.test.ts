import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../../ops/observability/receiver.ts';
import { startTraces } from './start.ts';
import { enter, isTracing, pastStep, step, traceId, traceparent } from './trace.ts';

const log = pino({ level: 'silent' });
const A_TRACE = '0af7651916cd43dd8448eb211c80319c';
const A_PARENT = `00-${A_TRACE}-b7ad6b7169203331-01`;
const request = { name: 'POST /graphql', kind: 'server', parent: undefined, isOurs: false } as const;

let receiver: Receiver;
afterEach(() => receiver[Symbol.asyncDispose]());

/** Runs some work while a receiver collects, and gives what it got. */
async function collect(work: () => Promise<unknown>, ratio = 1) {
  receiver = await startReceiver(0);
  const traces = await startTraces('test', { endpoint: receiver.url, ratio }, log);
  await work().catch(() => undefined);
  await traces[Symbol.asyncDispose]();
  return receiver.spans();
}

describe('a trace, as its receiver gets it', () => {
  it('has a step within a step, across what is awaited, and what is noted while it runs', async () => {
    const spans = await collect(() =>
      enter(request, async (note) => {
        await new Promise(setImmediate);
        await step(
          { name: 'inner', attributes: { 'db.system.name': 'postgresql', missing: undefined } },
          async () => 1,
        );
        note({ 'http.response.status_code': 200 });
      }),
    );
    const [outer, inner] = spans;
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['POST /graphql', 'server'],
      ['inner', 'internal'],
    ]);
    expect(inner).toMatchObject({ parentId: outer?.spanId, traceId: outer?.traceId, part: 'test' });
    expect(inner?.attributes).toEqual({ 'db.system.name': 'postgresql' });
    expect(outer?.attributes).toEqual({ 'http.response.status_code': 200 });
  });

  it('goes on with the trace of whoever asked, and hands it on', async () => {
    let sent: string | undefined;
    const spans = await collect(() =>
      enter({ ...request, parent: A_PARENT }, async () => {
        sent = traceparent();
      }),
    );
    expect(spans).toMatchObject([{ traceId: A_TRACE, parentId: 'b7ad6b7169203331' }]);
    expect(sent).toBe(`00-${A_TRACE}-${spans[0]?.spanId}-01`);
  });

  it.each(['', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01', `${A_PARENT}\r\nx: y`])(
    'begins anew where traceparent is "%s"',
    async (parent) => {
      const spans = await collect(() => enter({ ...request, parent }, async () => undefined));
      expect(spans).toMatchObject([{ parentId: null }]);
      expect(spans[0]?.traceId).not.toBe(A_TRACE);
    },
  );

  it('tells of an error its kind, and nothing that it says', async () => {
    const spans = await collect(() =>
      enter(request, async () => {
        throw new TypeError('password=hunter2');
      }),
    );
    expect(spans).toMatchObject([{ isFailed: true, attributes: { 'error.type': 'TypeError' } }]);
    expect(JSON.stringify(spans)).not.toContain('hunter2');
  });

  it('takes up what is over already', async () => {
    const [startedAt, endedAt] = [new Date(1_700_000_000_000), new Date(1_700_000_000_250)];
    const spans = await collect(() => enter(request, async () => pastStep({ name: 'SCAN' }, startedAt, endedAt)));
    expect(spans[0]).toMatchObject({ name: 'SCAN', startMs: 1_700_000_000_000, durationMs: 250 });
  });
});

describe('who decides what is recorded', () => {
  it('an outsider brings the trace’s id; whether it is recorded is for the ratio', async () => {
    const spans = await collect(() => enter({ ...request, parent: A_PARENT }, async () => undefined), 0);
    expect(spans).toEqual([]);
  });

  it('a process of ours decides for the next one', async () => {
    const spans = await collect(() => enter({ ...request, parent: A_PARENT, isOurs: true }, async () => undefined), 0);
    expect(spans).toHaveLength(1);
  });

  it('what is not recorded has no steps, and says so to whoever comes next', async () => {
    let sent: string | undefined;
    const spans = await collect(
      () => enter(request, () => step({ name: 'inner' }, async () => void (sent = traceparent()))),
      0,
    );
    expect(spans).toEqual([]);
    expect(sent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});

describe('where nobody collects', () => {
  it('work is done, and no trace is made', async () => {
    receiver = await startReceiver(0);
    await using _ = await startTraces('test', null, log);
    expect(isTracing()).toBe(false);
    const seen = enter({ ...request, parent: A_PARENT }, () =>
      step({ name: 'inner' }, () => [traceId(), traceparent()]),
    );
    expect(seen).toEqual([undefined, undefined]);
    expect(receiver.spans()).toEqual([]);
  });

  it('a receiver that is away is told once, and nobody waits for it', async () => {
    receiver = await startReceiver(0);
    const told: string[] = [];
    const counting = pino({ level: 'warn' }, { write: (line: string) => void told.push(line) });
    const traces = await startTraces('test', { endpoint: 'http://127.0.0.1:9', ratio: 1 }, counting);
    for (let nth = 0; nth < 3; nth += 1) enter(request, () => undefined);
    await traces[Symbol.asyncDispose]();
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(2);
  });
});
