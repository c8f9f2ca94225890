import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { type GraphQLFormattedError, parse } from 'graphql';
import { createClient as createEventClient } from 'graphql-sse';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type RunningRouter, startRouter } from '../src/router/router.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])';
const SDL = {
  news: `${LINK} type Query { latest: Story } type Subscription { stories(after: String): Story }
    type Story @key(fields: "id") { id: ID! title: String secret: String @authenticated }`,
  votes: `${LINK} type Story @key(fields: "id") { id: ID! votes: Int }`,
};
const STORIES = 'subscription ($after: String) { stories(after: $after) { title votes } }';
/** What a subgraph tells: the gateway gives what has arguments a name of its own. */
const story = (query: string, id: number) => {
  const key = /(\w+):\s*stories/.exec(query)?.[1] ?? 'stories';
  return { data: { [key]: { __typename: 'Story', id: `${id}`, title: `story ${id}` } } };
};
const votes = (id: number) => ({ title: `story ${id}`, votes: id * 10 });

/** A stream that a test tells what to say. */
interface Source {
  readonly request: IncomingMessage;
  readonly query: string;
  tell(id: number): void;
  say(text: string): void;
  breakOff(): void;
  /** Resolves when whoever reads it has left. */
  readonly left: Promise<unknown>;
}

describe('a router’s streams', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-router-streams-'));
  const file = join(folder, 'supergraph.graphql');
  const servers: Server[] = [];
  const clients: Client[] = [];
  let supergraph: string;
  let router: RunningRouter;
  let sources: Source[];
  let asksForVotes: number;
  /** What stands in for a stream, when a test has something else answered. */
  let instead: ((response: ServerResponse) => void) | null;

  const answer = async (name: keyof typeof SDL, request: IncomingMessage, response: ServerResponse) => {
    const { query, variables } = (await json(request)) as Asked;
    if (name === 'votes') {
      asksForVotes += 1;
      const _entities = variables?.representations?.map(({ id }) => ({ votes: Number(id) * 10 }));
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: { _entities } }));
    }
    if (instead) return instead(response);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
    const say = (text: string) => void response.write(text);
    sources.push({
      ...{ request, query, say, left: once(response, 'close') },
      tell: (id) => say(`event: next\nid: ${id}\ndata: ${JSON.stringify(story(query, id))}\n\n`),
      breakOff: () => void response.destroy(),
    });
  };
  const startSubgraph = async (name: keyof typeof SDL) => {
    const server = createServer((...pair) => void answer(name, ...pair));
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    return { name, url, typeDefs: parse(SDL[name]) };
  };

  beforeAll(async () => {
    supergraph = composeServices([await startSubgraph('news'), await startSubgraph('votes')]).supergraphSdl ?? '';
  });
  beforeEach(async () => {
    [sources, asksForVotes, instead] = [[], 0, null];
    writeFileSync(file, supergraph);
    const forwardHeaders = ['x-reader'];
    const options = { supergraph: file, port: 0, shareInFlight: true, forwardHeaders, maxCost: null };
    router = await startRouter({ ...options, maxAnswerBytes: 100_000 });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await router[Symbol.asyncDispose]();
  });
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  const connect = (connectionParams: Record<string, unknown> = {}) => {
    const url = `${router.url.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true, connectionParams });
    clients.push(client);
    return client;
  };
  const read = (client: Client, query = STORIES) => client.iterate<Record<string, unknown>>({ query });
  const source = (nth = 0) =>
    vi.waitFor(() => {
      const found = sources[nth];
      if (!found) throw new Error(`Nobody has opened stream ${nth}.`);
      return found;
    });
  const next = async (stream: Stream) => (await stream.next()).value as Told;
  const closeOf = (client: Client) => new Promise<unknown>((resolve) => client.on('closed', (event) => resolve(event)));

  it('come over a WebSocket, completed by other subgraphs', async () => {
    const stream = read(connect());
    const first = next(stream);
    (await source()).tell(1);
    expect(await first).toEqual({ data: { stories: votes(1) } });
    sources[0]?.tell(2);
    expect(await next(stream)).toEqual({ data: { stories: votes(2) } });
    sources[0]?.say('event: complete\ndata:\n\n');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('come as server-sent events', async () => {
    const client = createEventClient({ url: `${router.url}/graphql`, retryAttempts: 0 });
    const stream = client.iterate({ query: STORIES });
    const first = stream.next();
    (await source()).tell(1);
    expect((await first).value).toEqual({ data: { stories: votes(1) } });
    await stream.return?.();
    client.dispose();
    await sources[0]?.left;
  });

  it('are one of the subgraph for all who ask the same, and one completion of each event', async () => {
    const streams = [1, 2, 3].map(() => read(connect()));
    const firsts = streams.map(next);
    (await source()).tell(1);
    await Promise.all(firsts);
    const before = asksForVotes;
    sources[0]?.tell(2);
    expect(await Promise.all(streams.map(next))).toEqual(streams.map(() => ({ data: { stories: votes(2) } })));
    expect(asksForVotes - before).toBe(1);
    expect(sources).toHaveLength(1);
  });

  it('end at the subgraph when the last reader leaves', async () => {
    const stream = read(connect());
    const first = next(stream);
    (await source()).tell(1);
    await first;
    await stream.return?.();
    await sources[0]?.left;
  });

  it('are given up while they are opened when nobody waits for them any more', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    instead = (response) => asked.resolve(response);
    const client = connect();
    const first = read(client)
      .next()
      .catch(() => undefined);
    const response = await asked.promise;
    await client.dispose();
    await expect.poll(() => response.closed).toBe(true);
    await first;
  });

  it('go on behind the last event when the subgraph breaks off', async () => {
    const stream = read(connect());
    const first = next(stream);
    (await source()).tell(1);
    await first;
    const second = next(stream);
    sources[0]?.breakOff();
    const resumed = await source(1);
    expect(resumed.request.headers['last-event-id']).toBe('1');
    resumed.tell(2);
    expect(await second).toEqual({ data: { stories: votes(2) } });
  });

  it('go on behind an event whose place is no ASCII', async () => {
    const stream = read(connect());
    const first = next(stream);
    const opened = await source();
    opened.say(`event: next\nid: 第一 é\ndata: ${JSON.stringify(story(opened.query, 1))}\n\n`);
    await first;
    const second = next(stream);
    opened.breakOff();
    const resumed = await source(1);
    expect(Buffer.from(String(resumed.request.headers['last-event-id']), 'latin1').toString()).toBe('第一 é');
    resumed.tell(2);
    expect(await second).toEqual({ data: { stories: votes(2) } });
  });

  it('are resumed over answers that say by their status that the subgraph failed', async () => {
    const stream = read(connect());
    const first = next(stream);
    (await source()).tell(1);
    await first;
    let failed = 0;
    instead = (response) => {
      failed += 1;
      if (failed === 2) instead = null;
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"errors":[{"message":"not now"}]}');
    };
    const second = next(stream);
    sources[0]?.breakOff();
    (await source(1)).tell(2);
    expect(await second).toEqual({ data: { stories: votes(2) } });
    expect(failed).toBe(2);
  });

  it('leave out what a subgraph tells under a name that nobody knows', async () => {
    const stream = read(connect());
    const first = next(stream);
    const opened = await source();
    opened.say('event: keepalive\ndata: {"data":null}\n\n');
    opened.tell(1);
    expect(await first).toEqual({ data: { stories: votes(1) } });
  });

  it('end with an error over an event that is too large, and hold no more of it', async () => {
    const stream = read(connect());
    const first = next(stream);
    const opened = await source();
    opened.tell(1);
    await first;
    const second = next(stream);
    opened.say('event: next\nid: 2\n');
    for (let part = 0; part < 20; part += 1) opened.say(`data: ${'x'.repeat(10_000)}\n`);
    expect((await second).errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await opened.left;
    expect(sources).toHaveLength(1);
  });

  it('say so when one without places is broken off', async () => {
    const stream = read(connect());
    const first = next(stream);
    const opened = await source();
    opened.say(`event: next\ndata: ${JSON.stringify(story(opened.query, 1))}\n\n`);
    await first;
    opened.breakOff();
    expect((await next(stream)).errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it.each([
    ['a page', 200, 'text/html', '<html>'],
    ['a refusal without a reason', 401, 'text/plain', 'no'],
    ['a refusal in JSON', 400, 'application/json', JSON.stringify({ errors: [{ message: 'internal words' }] })],
  ])('are refused clearly where the subgraph answers with %s', async (_what, status, type, text) => {
    instead = (response) => void response.writeHead(status, { 'content-type': type }).end(text);
    const told = await next(read(connect())).catch((errors: unknown) => ({ errors }));
    expect(JSON.stringify(told)).toMatch(/"code":"(INTERNAL|UPSTREAM_UNAVAILABLE)"/);
    expect(JSON.stringify(told)).not.toContain('internal words');
  });

  it('leave out what the reader may not have, and do not ask for it', async () => {
    const stream = read(connect(), 'subscription { stories { title secret } }');
    const first = next(stream);
    (await source()).tell(1);
    const { data, errors } = await first;
    expect(data).toEqual({ stories: { title: 'story 1', secret: null } });
    expect(errors?.[0]).toMatchObject({ path: ['stories', 'secret'], extensions: { code: 'UNAUTHENTICATED' } });
    expect(sources[0]?.query).not.toContain('secret');
  });

  it('bring the headers that are handed on, also from connection_init, and nothing else of it', async () => {
    const stream = read(connect({ 'X-Reader': 'ada', 'x-other': 'no' }));
    const first = next(stream);
    const { request, tell } = await source();
    tell(1);
    await first;
    expect(request.headers['x-reader']).toBe('ada');
    expect(request.headers['x-other']).toBeUndefined();
  });

  it('are not shared between those who bring other headers', async () => {
    const streams = ['ada', 'bo'].map((reader) => read(connect({ 'x-reader': reader })));
    const firsts = streams.map(next);
    (await source(0)).tell(1);
    (await source(1)).tell(1);
    await Promise.all(firsts);
    sources[0]?.tell(2);
    const mine = sources[0]?.request.headers['x-reader'] === 'ada' ? 0 : 1;
    expect(await next(streams[mine] as Stream)).toEqual({ data: { stories: votes(2) } });
    sources[1]?.tell(3);
    expect(await next(streams[1 - mine] as Stream)).toEqual({ data: { stories: votes(3) } });
  });

  it('are opened for no page of another site', async () => {
    const url = `${router.url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers: { origin: 'https://elsewhere.example' } });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
  });

  it('end with 1001 when the router does', async () => {
    const client = connect();
    const closed = closeOf(client);
    const stream = read(client);
    const first = next(stream);
    (await source()).tell(1);
    await first;
    const rest = stream.next().catch((error: unknown) => error);
    await router[Symbol.asyncDispose]();
    expect(await closed).toMatchObject({ code: 1001 });
    await rest;
    await sources[0]?.left;
  });

  it('are told to begin again when another supergraph is served', async () => {
    const client = connect();
    const closed = closeOf(client);
    const stream = read(client);
    const first = next(stream);
    (await source()).tell(1);
    await first;
    writeFileSync(`${file}.next`, supergraph.replace('type Story', '"""What is new."""\ntype Story'));
    renameSync(`${file}.next`, file);
    const rest = stream.next().catch((error: unknown) => error);
    expect(await closed).toMatchObject({ code: 1013 });
    await rest;
    await sources[0]?.left;
  });
});

interface Told {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
}
type Stream = AsyncIterator<Told>;

interface Asked {
  readonly query: string;
  readonly variables?: { readonly representations?: readonly { readonly id: string }[] };
}
