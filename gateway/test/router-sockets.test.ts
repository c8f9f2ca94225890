import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { type GraphQLFormattedError, parse } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { parseRouterOptions } from '../src/router/options.ts';
import { type RunningRouter, startRouter } from '../src/router/router.ts';
import { createSocketStreams } from '../src/router/socket-streams.ts';
import { type SocketSubgraph, type Source, startSocketSubgraph } from './socket-subgraph.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const NEWS = `${LINK} type Query { latest: Story } type Subscription { stories(after: String): Story }
  type Story @key(fields: "id") { id: ID! title: String }`;
const VOTES = `${LINK} type Story @key(fields: "id") { id: ID! votes: Int }`;
const STORIES = 'subscription { stories { title votes } }';
const ASKED = { query: 'subscription { stories { id title } }', variables: {}, headers: {} };
const FORWARD = ['--forward-header', 'authorization', '--forward-header', 'x-reader'];
const BOUNDS = ['--subgraph-timeout', '300', '--max-answer-bytes', '100000', '--metrics-port', '0'];
const votes = (id: number) => ({ data: { stories: { title: `story ${id}`, votes: id * 10 } } });

describe('a router’s streams from a subgraph that serves them over WebSocket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-router-sockets-'));
  const clients: Client[] = [];
  let completing: Server;
  let news: SocketSubgraph;
  let file: string;
  let router: RunningRouter;

  beforeAll(async () => {
    completing = createServer(async (request, response) => {
      const { variables } = (await json(request)) as { variables: { representations: { id: string }[] } };
      const _entities = variables.representations.map(({ id }) => ({ votes: Number(id) * 10 }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: { _entities } }));
    });
    await once(completing.listen(0, '127.0.0.1'), 'listening');
  });
  beforeEach(async () => {
    news = await startSocketSubgraph();
    const votesPort = (completing.address() as AddressInfo).port;
    const sources = [
      { name: 'news', url: `http://127.0.0.1:${news.port}/graphql#here`, typeDefs: parse(NEWS) },
      { name: 'votes', url: `http://127.0.0.1:${votesPort}/graphql`, typeDefs: parse(VOTES) },
    ];
    file = join(folder, 'supergraph.graphql');
    writeFileSync(file, composeServices(sources).supergraphSdl ?? '');
    router = await start('news=ws');
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await router[Symbol.asyncDispose]();
    await news[Symbol.asyncDispose]();
  });
  afterAll(() => {
    completing.close();
    rmSync(folder, { recursive: true });
  });

  const start = (over: string) => {
    const args = ['--supergraph', file, '--port', '0', '--stream-over', over, ...FORWARD, ...BOUNDS];
    const options = parseRouterOptions(args);
    if (!options) throw new Error('That was help.');
    return startRouter(options);
  };
  const connect = (connectionParams: Record<string, unknown> = {}, { url } = router) => {
    const settings = { webSocketImpl: WebSocket, retryAttempts: 0, lazy: true, connectionParams };
    const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, ...settings });
    clients.push(client);
    return client;
  };
  const read = (client = connect(), query = STORIES): Stream => client.iterate({ query });
  const next = async (stream: Stream) => (await stream.next()).value as Told;
  const source = (nth = 0): Promise<Source> =>
    vi.waitFor(() => {
      const found = news.sources[nth];
      if (!found) throw new Error(`Nobody has opened stream ${nth}.`);
      return found;
    });
  /** Streams that the router has open for its clients. */
  const readers = async () => {
    const figures = await (await fetch(router.metricsUrl ?? '')).text();
    return Number(/assay_gateway_streams\{door="websocket"\} (\d+)/.exec(figures)?.[1]);
  };
  /** A stream of which one event has come. */
  const begun = async (client = connect()) => {
    const stream = read(client);
    const first = next(stream);
    const opened = await source(news.sources.length);
    opened.tell(1);
    expect(await first).toEqual(votes(1));
    return { stream, opened };
  };
  /** What a reader gets where it does not open: graphql-ws throws the errors of a refusal. */
  const refusal = (stream = read()) =>
    next(stream).then(
      (told) => told?.errors?.[0],
      (errors: GraphQLFormattedError[]) => errors[0],
    );
  /** Streams as the router’s transport opens them, without a router. */
  const openStreams = () => {
    const failed: Error[] = [];
    const url = new URL(`ws://127.0.0.1:${news.port}/graphql`);
    const report = (error: Error) => void failed.push(error);
    return Object.assign(createSocketStreams({ url, patienceMs: 300, maxBytes: 100_000, report }), { failed });
  };
  const away = { code: 'UPSTREAM_UNAVAILABLE' };

  it('come completed by other subgraphs, and end when they are complete', async () => {
    const { stream, opened } = await begun();
    opened.tell(2);
    expect(await next(stream)).toEqual(votes(2));
    opened.complete();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect.poll(news.open).toBe(0);
  });

  it('come from another address than the subgraph’s, where one is named', async () => {
    await using other = await startSocketSubgraph();
    await using there = await start(`news=ws://127.0.0.1:${other.port}/streams?of=news`);
    const first = next(read(connect({}, there)));
    await expect.poll(() => other.sources.length).toBe(1);
    expect(other.sources[0]?.request.url).toBe('/streams?of=news');
    other.sources[0]?.tell(1);
    expect(await first).toEqual(votes(1));
    expect(news.sources).toHaveLength(0);
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
    expect((await last).errors?.[0]).toMatchObject({ extensions: away });
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
    expect(news.sources).toHaveLength(1);
    await streams[0]?.return?.();
    opened.tell(2);
    expect(await next(streams[1] as Stream)).toEqual(votes(2));
    for (const client of clients.splice(0)) await client.dispose();
    await opened.left;
    await expect.poll(news.open).toBe(0);
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
    expect(news.open()).toBe(2);
    const closed = once(one.opened.socket, 'close');
    await one.stream.return?.();
    await one.opened.left;
    expect((await closed)[0]).toBe(1000);
    await expect.poll(news.open).toBe(1);
    other.opened.tell(2);
    expect(await next(other.stream)).toEqual(votes(2));
  });

  it('are given up while they are opened when nobody waits for them any more', async () => {
    const held: WebSocket[] = [];
    news.instead = { socket: (socket) => void held.push(socket) };
    const client = connect();
    const told = refusal(read(client));
    await expect.poll(() => held.length).toBe(1);
    await client.dispose();
    await expect.poll(news.open, { timeout: 250 }).toBe(0);
    await told.catch(() => undefined);
  });

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
    expect(news.sources).toHaveLength(1);
  });

  it('whose connection is lost say so last, behind what came before', async () => {
    const { stream, opened } = await begun();
    const second = next(stream);
    opened.tell(2);
    expect(await second).toEqual(votes(2));
    const last = next(stream);
    opened.socket.terminate();
    const { errors } = await last;
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining('was lost'), extensions: away });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('whose subgraph answers no ping are found to be dead', async () => {
    const { stream, opened } = await begun();
    opened.socket.pause();
    const { errors } = await next(stream);
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining('was lost'), extensions: away });
  });

  it('may be quiet for as long as they like', async () => {
    const { stream, opened } = await begun();
    for (let pings = 0; pings < 3; pings += 1) await once(opened.socket, 'ping');
    opened.tell(2);
    expect(await next(stream)).toEqual(votes(2));
  });

  it('are refused where the subgraph lets nobody in by what he brings', async () => {
    news.isLetIn = (init) => (init as Record<string, unknown>)['authorization'] === 'Bearer ada';
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
      extensions: away,
    });
  });

  it.each<[string, (released: () => void) => SocketSubgraph['instead']]>([
    ['does not answer the upgrade', (released) => ({ upgrade: (socket) => socket.once('end', released).resume() })],
    ['does not acknowledge', (released) => ({ socket: (socket) => socket.once('close', released) })],
  ])('are refused in time where the subgraph %s, and hold its connection no longer', async (_what, silent) => {
    const released = Promise.withResolvers<void>();
    news.instead = silent(released.resolve);
    expect(await refusal()).toMatchObject({ message: expect.stringContaining('took too long'), extensions: away });
    await released.promise;
  });

  it('are refused where the subgraph answers the upgrade with a page', async () => {
    news.instead = { upgrade: (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<p>no') };
    expect(await refusal()).toMatchObject({ extensions: away });
  });

  it.each([
    ['is no JSON', 'internal words'],
    ['is another message than the acknowledgement', '{"type":"next","id":"1","payload":{}}'],
    ['is no message of the protocol', '{"type":"data","payload":"internal words"}'],
  ])('are refused where what the subgraph says first %s', async (_what, text) => {
    news.instead = { socket: (socket) => socket.send(text) };
    const told = await refusal();
    expect(told).toMatchObject({ message: expect.stringContaining('no message of its protocol'), extensions: away });
    expect(JSON.stringify(told)).not.toContain('internal words');
    await expect.poll(news.open).toBe(0);
  });

  it('end with an error over garbage in the middle, and hold the connection no longer', async () => {
    const { stream, opened } = await begun();
    const last = next(stream);
    opened.socket.send('garbage');
    expect((await last).errors?.[0]).toMatchObject({
      message: expect.stringContaining('no message of its protocol'),
      extensions: away,
    });
    await opened.left;
    await expect.poll(news.open).toBe(0);
  });

  it('end with an error over an event that is too large', async () => {
    const { stream, opened } = await begun();
    const last = next(stream);
    opened.tell(2, 'x'.repeat(200_000));
    expect((await last).errors?.[0]).toMatchObject({
      message: expect.stringContaining('an event has more than 100000 bytes'),
      extensions: away,
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
    news.instead = { socket: (socket) => void refuse(socket) };
    const stream = read();
    expect((await next(stream)).errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code } },
    ]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect.poll(news.open).toBe(0);
  });

  it('end at the subgraph when the router does', async () => {
    const { stream, opened } = await begun();
    const rest = stream.next().catch(() => undefined);
    await router[Symbol.asyncDispose]();
    await opened.left;
    await rest;
  });

  it('are not asked for where an option names a subgraph that there is not', async () => {
    await expect(start('sports=ws')).rejects.toThrow(
      '--stream-over names the subgraph "sports", and this supergraph has news, votes.',
    );
  });
});

interface Told {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
}
type Stream = AsyncIterableIterator<unknown>;
