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
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
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
const FORWARD = ['--forward-header', 'authorization', '--forward-header', 'x-reader'];
const BOUNDS = ['--subgraph-timeout', '1000', '--max-answer-bytes', '100000', '--metrics-port', '0'];

export const votes = (id: number) => ({ data: { stories: { title: `story ${id}`, votes: id * 10 } } });
export const ASKED = { query: 'subscription { stories { id title } }', variables: {}, headers: {} };
export const AWAY = { code: 'UPSTREAM_UNAVAILABLE' };

/** Registers a router over a subgraph that serves its streams over WebSocket, and another that completes them, anew for each test. */
export function openSocketsHouse() {
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
    return Object.assign(createSocketStreams({ url, patienceMs: 2_000, maxBytes: 100_000, report }), { failed });
  };
  return {
    get news() {
      return news;
    },
    get router() {
      return router;
    },
    /** Ends all clients. */
    leave: async () => {
      for (const client of clients.splice(0)) await client.dispose();
    },
    ...{ start, connect, read, next, source, begun, refusal, readers, openStreams },
  };
}

export interface Told {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
}
export type Stream = AsyncIterableIterator<unknown>;
