import type { EngineRequest, StreamEvent } from '@assay/gateway/engine/index';
import { type DocumentNode, type ExecutionResult, parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFanOut, type FanOut } from '../src/fan-out/fan-out.ts';

const EVENTS = parse('subscription ($of: ID, $after: String) { events(of: $of, after: $after) { id } }');

interface Caller {
  readonly session: string;
}

/** A log that is read as a subgraph's events are: behind a place, then as they come. */
function openLog() {
  const log: string[] = [];
  const readers = new Set<() => void>();
  const counts = { opened: 0 };
  let failing: Error | null = null;
  const wake = () => {
    for (const look of [...readers]) look();
  };
  return {
    counts,
    open: () => readers.size,
    write: (...ids: readonly string[]) => {
      log.push(...ids);
      wake();
    },
    fail: (error: Error) => {
      failing = error;
      wake();
    },
    subscribe: async ({
      variables = {},
    }: EngineRequest<Caller>): Promise<AsyncIterableIterator<StreamEvent> | ExecutionResult> => {
      counts.opened += 1;
      const after = variables['after'];
      if (typeof after === 'string' && !log.includes(after)) throw new Error(`Nobody gave out ${after}.`);
      let at = typeof after === 'string' ? log.indexOf(after) + 1 : 0;
      let isOver = false;
      let look: () => void = () => undefined;
      const moved = () => look();
      readers.add(moved);
      const events: AsyncIterableIterator<StreamEvent> = {
        [Symbol.asyncIterator]() {
          return this;
        },
        next: async () => {
          while (!isOver && !failing && at >= log.length) await new Promise<void>((resolve) => (look = resolve));
          if (failing) throw failing;
          if (isOver) return { done: true, value: undefined };
          const id = log[at++] ?? '';
          return { done: false, value: { data: { events: { id } }, place: id } };
        },
        return: async () => {
          isOver = true;
          readers.delete(moved);
          look();
          return { done: true, value: undefined };
        },
      };
      return events;
    },
  };
}

let log: ReturnType<typeof openLog>;
let fanOut: FanOut<Caller>;
let sources: number;
beforeEach(() => {
  log = openLog();
  sources = 0;
  fanOut = createFanOut<Caller>(log, {
    classOf: ({ session }) => session,
    onSource: (change) => {
      sources += change;
    },
    maxWaiting: 20,
  });
});
afterEach(() => void vi.useRealTimers());

interface Asking {
  readonly session?: string;
  readonly after?: string;
  readonly of?: string;
  readonly document?: DocumentNode;
  readonly onSlow?: (error: Error) => void;
}

async function open({ session = 'ann', after, of, document = EVENTS, onSlow }: Asking = {}) {
  const variables = { ...(of === undefined ? {} : { of }), ...(after === undefined ? {} : { after }) };
  const opened = await fanOut.subscribe({ document, variables, context: { session }, ...(onSlow ? { onSlow } : {}) });
  if (!(Symbol.asyncIterator in opened)) throw new Error(JSON.stringify(opened));
  return opened;
}

const idOf = ({ data }: ExecutionResult) => (data?.['events'] as { id: string } | undefined)?.id ?? '';

async function take(stream: AsyncIterableIterator<StreamEvent>, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const step = await stream.next();
    if (step.done) break;
    ids.push(idOf(step.value));
  }
  return ids;
}

describe('streams of several who ask the same', () => {
  it('are one of the subgraph’s, and each reads every event', async () => {
    log.write('1');
    const readers = await Promise.all(Array.from({ length: 50 }, () => open()));
    const first = await Promise.all(readers.map((reader) => take(reader, 1)));
    log.write('2', '3');
    const rest = await Promise.all(readers.map((reader) => take(reader, 2)));
    expect(new Set([...first, ...rest].map(String))).toEqual(new Set(['1', '2,3']));
    expect(sources).toBe(1);
  });

  it('without places are joined until the first event has come, and lead those who come after again', async () => {
    const told = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const subscribe = async () => {
      const { promise } = told[counted++] ?? Promise.withResolvers<string>();
      return (async function* events(): AsyncGenerator<StreamEvent> {
        yield { data: { events: { id: await promise } } };
        await new Promise(() => undefined);
      })();
    };
    let counted = 0;
    const plain = createFanOut<Caller>({ subscribe }, { classOf: ({ session }) => session });
    const document = parse('subscription { events { id } }');
    const join = async () => {
      const opened = await plain.subscribe({ document, context: { session: 'ann' } });
      if (!(Symbol.asyncIterator in opened)) throw new Error(JSON.stringify(opened));
      return opened;
    };
    const early = [...(await Promise.all([join(), join()])), await join()];
    expect(counted).toBe(1);
    told[0]?.resolve('1');
    expect(await Promise.all(early.map((stream) => take(stream, 1)))).toEqual([['1'], ['1'], ['1']]);
    const late = [await join(), await join()];
    expect(counted).toBe(2);
    told[1]?.resolve('2');
    expect(await Promise.all(late.map((stream) => take(stream, 1)))).toEqual([['2'], ['2']]);
  });

  it('are joined without another one by who resumes where the others stand', async () => {
    log.write('1', '2', '3');
    const first = await open();
    await take(first, 3);
    const opened = log.counts.opened;
    const others = await Promise.all(['3', '2', '1'].map((after) => open({ after })));
    log.write('4');
    expect(await Promise.all(others.map((each, nth) => take(each, nth + 1)))).toEqual([
      ['4'],
      ['3', '4'],
      ['2', '3', '4'],
    ]);
    expect(log.counts.opened).toBe(opened);
  });

  it('tell again what is fresh, and nothing that is old: who wants that reads for himself until he stands with the others', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    log.write('1', '2');
    const first = await open();
    await take(first, 2);
    vi.advanceTimersByTime(6_000);
    const late = await open();
    expect(sources).toBe(2);
    expect(await take(late, 2)).toEqual(['1', '2']);
    expect(sources).toBe(1);
    log.write('3');
    expect([await take(first, 1), await take(late, 1)]).toEqual([['3'], ['3']]);
  });

  it.each([
    ['of two sessions', { session: 'ben' }],
    ['of other variables', { of: 'another' }],
    ['of another document', { document: parse('subscription ($after: String) { events(after: $after) { id } }') }],
  ])('%s are their own', async (_what, other) => {
    log.write('1');
    const [one, another] = [await open(), await open(other)];
    await Promise.all([take(one, 1), take(another, 1)]);
    expect(sources).toBe(2);
  });

  it('go on when whoever opened the source leaves, and end with the last', async () => {
    log.write('1');
    const [first, second] = [await open(), await open()];
    await Promise.all([take(first, 1), take(second, 1)]);
    await first.return?.();
    log.write('2');
    expect(await take(second, 1)).toEqual(['2']);
    await second.return?.();
    expect([sources, log.open()]).toEqual([0, 0]);
    expect(await take(await open({ after: '1' }), 1)).toEqual(['2']);
  });

  it('end for all with the source’s error, told once', async () => {
    log.write('1');
    const readers = [await open(), await open()];
    await Promise.all(readers.map((reader) => take(reader, 1)));
    const waiting = readers.map((reader) => take(reader, 1));
    log.fail(new Error('The subgraph is gone.'));
    for (const each of waiting) await expect(each).rejects.toThrow('The subgraph is gone.');
    expect(await Promise.all(readers.map((reader) => take(reader, 1)))).toEqual([[], []]);
    expect(sources).toBe(0);
  });

  it('that fail tell a crowd of it one after the other, and each who is alone at once', async () => {
    const spreadMs = 400;
    fanOut = createFanOut<Caller>(log, { classOf: ({ session }) => session, spreadMs });
    log.write('1');
    const readers = await Promise.all(Array.from({ length: 60 }, () => open()));
    const alone = await open({ session: 'ben' });
    await Promise.all([alone, ...readers].map((reader) => take(reader, 1)));
    const from = performance.now();
    const toldOf = (reader: typeof alone) =>
      reader.next().then(
        () => Number.NaN,
        () => performance.now() - from,
      );
    const [first, ...told] = [toldOf(alone), ...readers.map(toldOf)];
    log.fail(new Error('The schema has changed.'));
    expect(await first).toBeLessThan(spreadMs / 2);
    const times = await Promise.all(told);
    expect(times.filter((ms) => ms < spreadMs / 2).length).toBeGreaterThan(10);
    expect(times.filter((ms) => ms > spreadMs / 2).length).toBeGreaterThan(10);
    expect(log.open()).toBe(0);
  });

  it('hold up those who come after for half a second at most, when the first is not opened at all', async () => {
    log.write('1');
    const hangs = Promise.withResolvers<ExecutionResult>();
    const hanging = createFanOut<Caller>(
      { subscribe: (asked) => (sources++ === 0 ? hangs.promise : log.subscribe(asked)) },
      { classOf: ({ session }) => session },
    );
    const asked = { document: EVENTS, context: { session: 'ann' } };
    void hanging.subscribe(asked);
    await expect.poll(() => sources).toBe(1);
    const from = performance.now();
    const others = await Promise.all([1, 2, 3].map(() => hanging.subscribe(asked)));
    expect(performance.now() - from).toBeLessThan(1_500);
    for (const each of others) {
      if (!(Symbol.asyncIterator in each)) throw new Error(JSON.stringify(each));
      expect(await take(each, 1)).toEqual(['1']);
    }
    hangs.resolve({ data: null });
  });

  it('send away who reads more slowly than events come, and nobody else', async () => {
    log.write('0');
    const slow = vi.fn();
    const [quick, lazy] = [await open(), await open({ onSlow: slow })];
    await Promise.all([take(quick, 1), take(lazy, 1)]);
    for (let n = 1; n <= 30; n += 1) {
      log.write(String(n));
      expect(await take(quick, 1)).toEqual([String(n)]);
    }
    expect(slow).toHaveBeenCalledOnce();
    await expect(take(lazy, 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await take(lazy, 1)).toEqual([]);
  });

  it('keep only the newest event for a slow reader where that is all that matters', async () => {
    fanOut = createFanOut<Caller>(log, { classOf: ({ session }) => session, isLatestOnly: () => true });
    log.write('0');
    const [quick, lazy] = [await open(), await open()];
    await Promise.all([take(quick, 1), take(lazy, 1)]);
    log.write('1', '2', '3');
    expect(await take(quick, 3)).toContain('3');
    expect(await take(lazy, 1)).toEqual(['3']);
    // Whoever joins is told where it stands now, and not how it came there.
    const late = await open();
    expect(await take(late, 1)).toEqual(['3']);
    expect(sources).toBe(0);
    expect(log.counts.opened).toBe(1);
  });

  it('are read no faster than the quickest reads, so that a long history sends nobody away', async () => {
    log.write(...Array.from({ length: 500 }, (_, n) => String(n)));
    const reader = await open();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await take(reader, 500)).toHaveLength(500);
  });

  it('skip nothing and tell nothing twice, whoever comes and goes when', async () => {
    fanOut = createFanOut<Caller>(log, {
      classOf: ({ session }) => session,
      onSource: (change) => {
        sources += change;
      },
    });
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    log.write('e0');
    let written = 1;
    const read: { readonly from: number; readonly ids: string[] }[] = [];
    const follow = async () => {
      const from = random(written + 1);
      const stream = await open({ session: `s${random(3)}`, ...(from > 0 ? { after: `e${from - 1}` } : {}) });
      const ids: string[] = [];
      read.push({ from, ids });
      for (let left = random(40); left > 0; left -= 1) {
        const [id] = await take(stream, 1);
        if (id === undefined) break;
        ids.push(id);
        if (random(3) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await stream.return?.();
    };
    const following: Promise<void>[] = [];
    for (let step = 0; step < 400; step += 1) {
      if (random(2) === 0) following.push(follow());
      else log.write(`e${written++}`);
      if (random(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    log.write(...Array.from({ length: 60 }, () => `e${written++}`));
    await Promise.all(following);
    for (const { from, ids } of read) expect(ids).toEqual(ids.map((_, nth) => `e${from + nth}`));
    expect(read.some(({ ids }) => ids.length > 20)).toBe(true);
    expect([sources, log.open()]).toEqual([0, 0]);
  });
});
