import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { SocketSubgraph } from './socket-subgraph.ts';
import { ASKED, AWAY, openSocketsHouse, votes } from './sockets-house.ts';

describe('a router’s streams over WebSocket from a subgraph that fails', () => {
  const house = openSocketsHouse();
  const { start, connect, read, next, source, begun, refusal, openStreams } = house;

  it.each([
    [1000, 'UPSTREAM_UNAVAILABLE', 'closed it with 1000'],
    [1001, 'UPSTREAM_UNAVAILABLE', 'goes away'],
    [1011, 'UPSTREAM_UNAVAILABLE', 'failed'],
    [1013, 'UPSTREAM_UNAVAILABLE', 'is busy'],
    [4400, 'UPSTREAM_UNAVAILABLE', 'understood nothing'],
    [4401, 'UNAUTHENTICATED', 'does not know who asks'],
    [4403, 'FORBIDDEN', 'does not tell it'],
    [4408, 'UPSTREAM_UNAVAILABLE', 'took too long'],
  ])('that are broken off with %i say so last, and are not begun again in silence', async (code, shown, why) => {
    const { stream, opened } = await begun();
    const last = next(stream);
    opened.socket.close(code, 'internal words');
    const { errors } = await last;
    expect(errors?.[0]?.message).toContain(`The stream was broken off: the subgraph ${why}`);
    expect(errors?.[0]?.extensions).toEqual({ code: shown });
    expect(JSON.stringify(errors)).not.toContain('internal words');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(house.news.sources).toHaveLength(1);
  });

  it('tell whoever runs the router what the subgraph said of it', async () => {
    using streams = openStreams();
    const last = next(await streams.open(ASKED));
    (await source()).socket.close(1011, 'The disk is full.');
    expect((await last).errors?.[0]?.message).toBe('The stream was broken off: the subgraph failed.');
    expect(streams.failed.map(({ message }) => message)).toEqual([
      'The stream was broken off: the subgraph failed. (The disk is full.)',
    ]);
  });

  it('whose connection is lost say so last, behind what came before', async () => {
    const { stream, opened } = await begun();
    const second = next(stream);
    opened.tell(2);
    expect(await second).toEqual(votes(2));
    const last = next(stream);
    opened.socket.terminate();
    const { errors } = await last;
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining('was lost'), extensions: AWAY });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('whose subgraph answers no ping are found to be dead', async () => {
    const { stream, opened } = await begun();
    opened.socket.pause();
    const { errors } = await next(stream);
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining('was lost'), extensions: AWAY });
  });

  it('may be quiet for as long as they like', async () => {
    const { stream, opened } = await begun();
    for (let pings = 0; pings < 3; pings += 1) await once(opened.socket, 'ping');
    opened.tell(2);
    expect(await next(stream)).toEqual(votes(2));
  });

  it('are refused where the subgraph lets nobody in by what he brings', async () => {
    house.news.isLetIn = (init) => (init as Record<string, unknown>)['authorization'] === 'Bearer ada';
    expect(await refusal(read(connect({ authorization: 'Bearer bo' })))).toMatchObject({
      message: expect.stringContaining('The stream could not be opened: the subgraph does not tell it'),
      extensions: { code: 'FORBIDDEN' },
    });
    await begun(connect({ authorization: 'Bearer ada' }));
  });

  it('are refused where nobody listens', async () => {
    await using lost = await start('news=ws://127.0.0.1:1/graphql');
    expect(await refusal(read(connect({}, lost)))).toMatchObject({
      message: expect.stringContaining('could not be reached'),
      extensions: AWAY,
    });
  });

  it.each<[string, (released: () => void) => SocketSubgraph['instead']]>([
    ['does not answer the upgrade', (released) => ({ upgrade: (socket) => socket.once('end', released).resume() })],
    ['does not acknowledge', (released) => ({ socket: (socket) => socket.once('close', released) })],
  ])('are refused in time where the subgraph %s, and hold its connection no longer', async (_what, silent) => {
    const released = Promise.withResolvers<void>();
    house.news.instead = silent(released.resolve);
    expect(await refusal()).toMatchObject({ message: expect.stringContaining('took too long'), extensions: AWAY });
    await released.promise;
  });

  it('are refused where the subgraph answers the upgrade with a page', async () => {
    house.news.instead = { upgrade: (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<p>no') };
    expect(await refusal()).toMatchObject({ extensions: AWAY });
  });

  it.each([
    ['is no JSON', 'internal words'],
    ['is another message than the acknowledgement', '{"type":"next","id":"1","payload":{}}'],
    ['is no message of the protocol', '{"type":"data","payload":"internal words"}'],
  ])('are refused where what the subgraph says first %s', async (_what, text) => {
    house.news.instead = { socket: (socket) => socket.send(text) };
    const told = await refusal();
    expect(told).toMatchObject({ message: expect.stringContaining('no message of its protocol'), extensions: AWAY });
    expect(JSON.stringify(told)).not.toContain('internal words');
    await expect.poll(house.news.open).toBe(0);
  });

  it('end with an error over garbage in the middle, and hold the connection no longer', async () => {
    const { stream, opened } = await begun();
    const last = next(stream);
    opened.socket.send('garbage');
    expect((await last).errors?.[0]).toMatchObject({
      message: expect.stringContaining('no message of its protocol'),
      extensions: AWAY,
    });
    await opened.left;
    await expect.poll(house.news.open).toBe(0);
  });

  it('end with an error over an event that is too large', async () => {
    const { stream, opened } = await begun();
    const last = next(stream);
    opened.tell(2, 'x'.repeat(200_000));
    expect((await last).errors?.[0]).toMatchObject({
      message: expect.stringContaining('an event has more than 100000 bytes'),
      extensions: AWAY,
    });
    await opened.left;
  });

  it.each([
    ['masked', { message: 'internal words' }, 'INTERNAL', 'Something failed on our side'],
    ['as it says', { message: 'Not this one.', extensions: { code: 'NOT_FOUND' } }, 'NOT_FOUND', 'Not this one.'],
  ])('that the subgraph refuses end with its error, %s', async (_how, error, code, message) => {
    const refuse = async (socket: WebSocket) => {
      await once(socket, 'message');
      const asked = once(socket, 'message');
      socket.send('{"type":"connection_ack"}');
      const { id } = JSON.parse(String((await asked)[0])) as { id: string };
      socket.send(JSON.stringify({ id, type: 'error', payload: [error] }));
    };
    house.news.instead = { socket: (socket) => void refuse(socket) };
    const stream = read();
    expect((await next(stream)).errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code } },
    ]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect.poll(house.news.open).toBe(0);
  });

  it('end at the subgraph when the router does', async () => {
    const { stream, opened } = await begun();
    const rest = stream.next().catch(() => undefined);
    await house.router[Symbol.asyncDispose]();
    await opened.left;
    await rest;
  });

  it('are not asked for where an option names a subgraph that there is not', async () => {
    await expect(start('sports=ws')).rejects.toThrow(
      '--stream-over names the subgraph "sports", and this supergraph has news, votes.',
    );
  });
});
