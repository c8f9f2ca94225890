import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { startSocketSubgraph } from './socket-subgraph.ts';
import { ASKED, AWAY, openSocketsHouse, type Stream, votes } from './sockets-house.ts';

describe('a router’s streams from a subgraph that serves them over WebSocket', () => {
  const house = openSocketsHouse();
  const { start, connect, read, next, source, begun, refusal, readers, openStreams } = house;

  it('come completed by other subgraphs, and end when they are complete', async () => {
    const { stream, opened } = await begun();
    opened.tell(2);
    expect(await next(stream)).toEqual(votes(2));
    opened.complete();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect.poll(house.news.open).toBe(0);
  });

  it('come from another address than the subgraph’s, where one is named', async () => {
    await using other = await startSocketSubgraph();
    await using there = await start(`news=ws://127.0.0.1:${other.port}/streams?of=news`);
    const first = next(read(connect({}, there)));
    await expect.poll(() => other.sources.length).toBe(1);
    expect(other.sources[0]?.request.url).toBe('/streams?of=news');
    other.sources[0]?.tell(1);
    expect(await first).toEqual(votes(1));
    expect(house.news.sources).toHaveLength(0);
  });

  it('are told one after the other, however many come at once', async () => {
    const { stream, opened } = await begun();
    for (let id = 2; id <= 300; id += 1) opened.tell(id);
    for (let id = 2; id <= 300; id += 1) expect(await next(stream)).toEqual(votes(id));
  });

  it('are held up by a reader who does not read, and fill no memory', async () => {
    using streams = openStreams();
    const stream = await streams.open(ASKED);
    const opened = await source();
    for (let id = 0; id < 2_000; id += 1) opened.tell(id, 'x'.repeat(20_000));
    let last = -1;
    const isStill = () => last === (last = opened.taken());
    await expect.poll(isStill, { interval: 100 }).toBe(true);
    expect(opened.taken()).toBeLessThan(1_500);
    for (let id = 0; id < 2_000; id += 1)
      expect((await next(stream)).data).toMatchObject({ stories: { id: String(id) } });
    await stream.return?.();
    await opened.left;
    expect(streams.failed).toEqual([]);
  });

  it('end with an error where nobody will ask their subgraph any more', async () => {
    const streams = openStreams();
    const last = next(await streams.open(ASKED));
    const opened = await source();
    streams[Symbol.dispose]();
    expect((await last).errors?.[0]).toMatchObject({ extensions: AWAY });
    await opened.left;
  });

  it('that are complete before they tell anything end so', async () => {
    const first = read().next();
    (await source()).complete();
    expect(await first).toEqual({ done: true, value: undefined });
  });

  it('bring the headers that are handed on to the upgrade, and authorization to connection_init', async () => {
    const { opened } = await begun(connect({ Authorization: 'Bearer ada', 'x-reader': 'ada', 'x-other': 'no' }));
    expect(opened.request.headers).toMatchObject({ authorization: 'Bearer ada', 'x-reader': 'ada' });
    expect(opened.request.headers['x-other']).toBeUndefined();
    expect(opened.init).toEqual({ authorization: 'Bearer ada' });
  });

  it('are one of the subgraph’s for all who wait for its first event with the same headers, and end with the last', async () => {
    const streams = [1, 2, 3].map(() => read());
    const firsts = streams.map(next);
    const opened = await source();
    const fourth = next(read());
    await expect.poll(readers).toBe(4);
    opened.tell(1);
    expect(await Promise.all([...firsts, fourth])).toEqual([1, 1, 1, 1].map(votes));
    expect(house.news.sources).toHaveLength(1);
    await streams[0]?.return?.();
    opened.tell(2);
    expect(await next(streams[1] as Stream)).toEqual(votes(2));
    await house.leave();
    await opened.left;
    await expect.poll(house.news.open).toBe(0);
  });

  it('are kept apart for those who bring other headers', async () => {
    const ada = await begun(connect({ 'x-reader': 'ada' }));
    const bo = await begun(connect({ 'x-reader': 'bo' }));
    expect([ada, bo].map(({ opened }) => opened.request.headers['x-reader'])).toEqual(['ada', 'bo']);
    expect(ada.opened.socket).not.toBe(bo.opened.socket);
    bo.opened.tell(2);
    ada.opened.tell(3);
    expect([await next(ada.stream), await next(bo.stream)]).toEqual([votes(3), votes(2)]);
  });

  it('end at the subgraph when their reader leaves, with their connection, and no other', async () => {
    const [one, other] = [await begun(), await begun()];
    expect(house.news.open()).toBe(2);
    const closed = once(one.opened.socket, 'close');
    await one.stream.return?.();
    await one.opened.left;
    expect((await closed)[0]).toBe(1000);
    await expect.poll(house.news.open).toBe(1);
    other.opened.tell(2);
    expect(await next(other.stream)).toEqual(votes(2));
  });

  it('are given up while they are opened when nobody waits for them any more', async () => {
    const held: WebSocket[] = [];
    house.news.instead = { socket: (socket) => void held.push(socket) };
    const client = connect();
    const told = refusal(read(client));
    await expect.poll(() => held.length).toBe(1);
    await client.dispose();
    await expect.poll(house.news.open, { timeout: 800 }).toBe(0);
    await told.catch(() => undefined);
  });
});
