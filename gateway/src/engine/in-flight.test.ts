import { getEventListeners } from 'node:events';
import type { ExecutionResult } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createShareInFlight } from './in-flight.ts';
import { TextAnswer } from './text-answer.ts';
import type { Transport, TransportRequest } from './transport.ts';

interface Caller {
  readonly session: string;
}
type Request = TransportRequest<Caller>;

const read = (session: string, more: Partial<Request> = {}): Request => ({
  query: '{ stones { id } }',
  variables: {},
  operation: 'query',
  context: { session },
  signal: undefined,
  ...more,
});

describe('reads in flight', () => {
  let sent: { readonly request: Request; answer(result: ExecutionResult): void; fail(error: Error): void }[];
  let stones: Transport<Caller>;
  let other: Transport<Caller>;
  beforeEach(() => {
    sent = [];
    const slow: Transport<Caller> = {
      execute: (request) =>
        new Promise((answer, fail) => {
          sent.push({ request, answer, fail });
        }),
      subscribe: async () => events(),
    };
    const share = createShareInFlight<Caller>(({ session }) => session);
    stones = share('stones', slow);
    other = share('other', slow);
  });

  async function* events() {
    yield { data: { stone: { id: '1' } } };
  }

  it('of one session that are alike are one fetch, and each reader gets objects of his own', async () => {
    const reads = [read('a'), read('a'), read('a')].map((request) => stones.execute(request));
    expect(sent).toHaveLength(1);
    sent[0]?.answer({ data: { stones: [{ id: '1' }] } });
    const answers = await Promise.all(reads);
    expect(answers.map(({ data }) => data)).toEqual(Array(3).fill({ stones: [{ id: '1' }] }));
    expect(new Set(answers.map(({ data }) => data)).size).toBe(3);
  });

  it('of two sessions, two subgraphs or with other variables share nothing', () => {
    void stones.execute(read('a'));
    void stones.execute(read('b'));
    void stones.execute(read('a', { variables: { first: 1 } }));
    void other.execute(read('a'));
    expect(sent).toHaveLength(4);
  });

  it('keep nothing: what is asked after the answer is asked again', async () => {
    const first = stones.execute(read('a'));
    sent[0]?.answer({ data: null });
    await first;
    void stones.execute(read('a'));
    expect(sent).toHaveLength(2);
  });

  it('fail together, and the next one tries again', async () => {
    const reads = [stones.execute(read('a')), stones.execute(read('a'))];
    sent[0]?.fail(new Error('away'));
    for (const each of reads) await expect(each).rejects.toThrow('away');
    void stones.execute(read('a'));
    expect(sent).toHaveLength(2);
  });

  it('never are what a mutation writes or reads', () => {
    for (let nth = 0; nth < 2; nth += 1) void stones.execute(read('a', { operation: 'mutation' }));
    expect(sent).toHaveLength(2);
  });

  it('that began before a mutation was answered are joined by nobody who comes after it', async () => {
    void stones.execute(read('a'));
    const write = other.execute(read('b', { operation: 'mutation' }));
    sent[1]?.answer({ data: null });
    await write;
    void stones.execute(read('a'));
    expect(sent).toHaveLength(3);
  });

  it('that began before an event came out are joined by nobody who comes after it', async () => {
    void stones.execute(read('a'));
    const stream = await other.subscribe(read('b', { operation: 'subscription' }));
    if (!(Symbol.asyncIterator in stream)) throw new Error('This is no stream.');
    await stream[Symbol.asyncIterator]().next();
    void stones.execute(read('a'));
    expect(sent).toHaveLength(2);
  });

  it('go on for those who joined when whoever began leaves', async () => {
    const leaving = new AbortController();
    void stones.execute(read('a', { signal: leaving.signal }));
    const joined = stones.execute(read('a'));
    leaving.abort();
    expect(sent[0]?.request.signal?.aborted).toBe(false);
    sent[0]?.answer({ data: null });
    const answer = await joined;
    expect(answer).toBeInstanceOf(TextAnswer);
    expect(answer.data).toBeNull();
  });

  it('end when everybody has left, in whatever order, and are joined by nobody then', () => {
    const leaving = [1, 2, 3].map(() => new AbortController());
    for (const { signal } of leaving) void stones.execute(read('a', { signal }));
    for (const nth of [1, 0]) leaving[nth]?.abort();
    expect(sent[0]?.request.signal?.aborted).toBe(false);
    leaving[2]?.abort(new Error('The client has left.'));
    expect(sent[0]?.request.signal?.aborted).toBe(true);
    void stones.execute(read('a'));
    expect(sent).toHaveLength(2);
  });

  it('never end while somebody waits who cannot leave', () => {
    const leaving = new AbortController();
    void stones.execute(read('a', { signal: leaving.signal }));
    void stones.execute(read('a'));
    leaving.abort();
    expect(sent[0]?.request.signal?.aborted).toBe(false);
  });

  it('leave nothing that listens to whoever waited', async () => {
    const { signal } = new AbortController();
    const reads = [read('a', { signal }), read('a', { signal })].map((request) => stones.execute(request));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    sent[0]?.answer({ data: null });
    await Promise.all(reads);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
