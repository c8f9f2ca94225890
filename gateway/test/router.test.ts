import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRouterOptions } from '../src/router/options.ts';
import { type RunningRouter, startRouter } from '../src/router/router.ts';

interface Asked {
  readonly query: string;
  readonly variables?: { readonly representations?: readonly { readonly id: string }[] };
}
type Answer = (asked: Asked, response: ServerResponse, request: IncomingMessage) => void;

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@authenticated"])';
const SDL = {
  books: `${LINK} type Query { books: [Book!] } type Mutation { buy: Book } type Book @key(fields: "id") { id: ID! title: String! cost: Int @authenticated }`,
  stars: `${LINK} type Book @key(fields: "id") { id: ID! stars: Int }`,
};
const BOOKS = [
  { __typename: 'Book', id: 'b1', title: 'Notes' },
  { __typename: 'Book', id: 'b2', title: 'Compilers' },
];
const send = (response: ServerResponse, value: unknown, status = 200, type = 'application/json') => {
  response.writeHead(status, { 'content-type': type });
  response.end(typeof value === 'string' ? value : JSON.stringify(value));
};
const books: Answer = ({ query }, response) =>
  send(response, { data: query.startsWith('mutation') ? { buy: BOOKS[0] } : { books: BOOKS } });
const stars: Answer = ({ variables }, response) => {
  const entities = variables?.representations?.map(({ id }) => ({ stars: id === 'b1' ? 5 : 3 }));
  send(response, { data: { _entities: entities } });
};

describe('the router, over subgraphs of anybody’s', () => {
  const answers = { books, stars };
  const asked: { subgraph: string; headers: IncomingMessage['headers'] }[] = [];
  const servers: Server[] = [];
  const running: RunningRouter[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'assay-router-'));
  let file: string;

  const startSubgraph = async (name: keyof typeof SDL) => {
    const server = createServer(async (request, response) => {
      asked.push({ subgraph: name, headers: request.headers });
      answers[name]((await json(request)) as Asked, response, request);
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    return { name, url, typeDefs: parse(SDL[name]) };
  };

  beforeAll(async () => {
    const { supergraphSdl } = composeServices([await startSubgraph('books'), await startSubgraph('stars')]);
    file = join(folder, 'supergraph.graphql');
    writeFileSync(file, supergraphSdl ?? '');
  });
  afterEach(async () => {
    Object.assign(answers, { books, stars });
    asked.length = 0;
    for (const router of running.splice(0)) await router[Symbol.asyncDispose]();
  });
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  /** Starts a router with these arguments. @returns what asks it */
  const open = async (...args: string[]) => {
    const options = parseRouterOptions(['--supergraph', file, '--port', '0', ...args]);
    if (!options) throw new Error('That was help.');
    const router = await startRouter(options);
    running.push(router);
    return async (query: string, headers: Record<string, string> = {}) => {
      const body = JSON.stringify({ query });
      const answer = await fetch(`${router.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      return (await answer.json()) as { data?: unknown; errors?: { extensions: { code: string }; path?: unknown }[] };
    };
  };
  const QUERY = '{ books { title stars } }';
  const WHOLE = {
    books: [
      { title: 'Notes', stars: 5 },
      { title: 'Compilers', stars: 3 },
    ],
  };
  const count = (subgraph: string) => asked.filter((each) => each.subgraph === subgraph).length;

  /** Holds what `books` would answer. @returns what lets it go */
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answers.books = (question, response, request) => void promise.then(() => books(question, response, request));
    return resolve;
  };

  it('joins what several subgraphs know', async () => {
    const ask = await open();
    expect(await ask(QUERY)).toEqual({ data: WHOLE });
    expect(asked.map(({ subgraph }) => subgraph)).toEqual(['books', 'stars']);
  });

  it.each([
    [[], ['id', 'title', 'cost', 'stars']],
    [
      ['--introspection', 'scoped'],
      ['id', 'title', 'stars'],
    ],
  ])('tells about the schema what %j says', async (args, fields) => {
    const ask = await open(...args);
    const answer = await ask('{ __type(name: "Book") { fields { name } } }');
    expect(answer).toEqual({ data: { __type: { fields: fields.map((name) => ({ name })) } } });
  });

  it('plans with the other planner when it is told to', async () => {
    const ask = await open('--planner', 'apollo');
    expect(await ask(QUERY)).toEqual({ data: WHOLE });
    expect(asked.map(({ subgraph }) => subgraph)).toEqual(['books', 'stars']);
  });

  it('tells what an answer cost, and refuses what is too dear', async () => {
    const ask = await open('--max-cost', '19');
    const told = { 'x-assay-cost': 'on' };
    const answer = await ask(QUERY, told);
    expect(answer).toEqual({ data: WHOLE, extensions: { cost: { estimated: 10, actual: 2, maximum: 19 } } });
    expect((await ask('{ a: books { title } b: books { title } }', told)).errors).toMatchObject([
      { extensions: { code: 'TOO_COMPLEX', limit: { name: 'cost', value: 20, maximum: 19 } } },
    ]);
  });

  it('has the limits of every door', async () => {
    const ask = await open();
    const wide = `{ books { ${'title '.repeat(301)} } }`;
    expect((await ask(wide)).errors).toMatchObject([
      { extensions: { code: 'TOO_COMPLEX', limit: { name: 'breadth', value: 301, maximum: 300, path: ['books'] } } },
    ]);
    expect(count('books')).toBe(0);
  });

  it('asks once for identical reads in flight, and each client gets all of it', async () => {
    const ask = await open();
    const release = hold();
    const clients = Promise.all(Array.from({ length: 10 }, () => ask(QUERY)));
    await expect.poll(() => count('books')).toBe(1);
    release();
    expect(await clients).toEqual(Array.from({ length: 10 }, () => ({ data: WHOLE })));
    expect(count('books')).toBeLessThan(10);
  });

  it('asks for each client when it is told to share nothing', async () => {
    const ask = await open('--share-in-flight', 'off');
    await Promise.all(Array.from({ length: 10 }, () => ask(QUERY)));
    expect([count('books'), count('stars')]).toEqual([10, 10]);
  });

  it('shares nothing between clients whose forwarded headers differ, and forwards no others', async () => {
    const ask = await open('--forward-header', 'Authorization');
    const release = hold();
    const both = ['a', 'b'].map((token) => ask(QUERY, { authorization: token, cookie: 'c=1', 'x-other': 'y' }));
    await expect.poll(() => count('books')).toBe(2);
    release();
    await Promise.all(both);
    const first = asked.filter(({ subgraph }) => subgraph === 'books');
    expect(first.map(({ headers }) => headers.authorization).sort()).toEqual(['a', 'b']);
    expect(first.map(({ headers }) => [headers.cookie, headers['x-other']])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('never shares what belongs to a mutation', async () => {
    const ask = await open();
    const results = await Promise.all(Array.from({ length: 5 }, () => ask('mutation { buy { title stars } }')));
    expect(results).toEqual(Array.from({ length: 5 }, () => ({ data: { buy: { title: 'Notes', stars: 5 } } })));
    expect([count('books'), count('stars')]).toEqual([5, 5]);
  });

  it.each<[string, Answer]>([
    ['a page with status 200', (_, response) => send(response, '<h1>Welcome</h1>', 200, 'text/html')],
    ['nonsense called JSON', (_, response) => send(response, '{"data":')],
    ['a number', (_, response) => send(response, 7)],
    ['something without data', (_, response) => send(response, { ok: true })],
    ['status 502 and nothing', (_, response) => response.writeHead(502).end()],
    [
      'half a body',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"data"');
        response.destroy();
      },
    ],
    ['a closed connection', (_, response) => void response.destroy()],
    ['a redirect', (_, response) => void response.writeHead(307, { location: '/elsewhere' }).end()],
  ])('says where it is missing when a subgraph answers with %s', async (_what, answer) => {
    const ask = await open();
    answers.stars = answer;
    const { data, errors } = await ask(QUERY);
    expect(data).toEqual({ books: WHOLE.books.map(({ title }) => ({ title, stars: null })) });
    expect(errors?.map(({ extensions, path }) => [extensions.code, path])).toContainEqual([
      'UPSTREAM_UNAVAILABLE',
      ['books', 0, 'stars'],
    ]);
  });

  it('takes a subgraph’s errors with status 400 for what they are', async () => {
    const ask = await open();
    answers.books = (_, response) =>
      send(response, { errors: [{ message: 'Not that.', extensions: { code: 'BAD_USER_INPUT' } }] }, 400);
    expect(await ask(QUERY)).toMatchObject({
      data: { books: null },
      errors: [{ message: 'Not that.', extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('answers a guarded field to nobody, and asks nobody for it', async () => {
    const ask = await open('--forward-header', 'authorization');
    const { data, errors } = await ask('{ books { title cost } }', { authorization: 'Bearer x' });
    expect(data).toEqual({ books: BOOKS.map(({ title }) => ({ title, cost: null })) });
    expect(errors?.[0]).toMatchObject({ path: ['books', 0, 'cost'], extensions: { code: 'UNAUTHENTICATED' } });
  });

  it('reads the supergraph from an address, and says what is wrong with one that is none', async () => {
    const start = (supergraph: string) =>
      startRouter({ supergraph, port: 0, shareInFlight: true, forwardHeaders: [], maxCost: null });
    const place = (await readable(file)).url;
    const router = await start(place);
    running.push(router);
    expect(router.subgraphs).toEqual(['books', 'stars']);
    await expect(start('/nowhere')).rejects.toThrow('The supergraph /nowhere cannot be read: there is no such file.');
    writeFileSync(`${file}.plain`, 'type Query { a: Int }');
    await expect(start(`${file}.plain`)).rejects.toThrow('This is a schema, but no supergraph');
  });

  const readable = async (path: string) => {
    const server = createServer((_request, response) => response.end(readFileSync(path)));
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph` };
  };

  it.each([
    [['--port', '1'], '--supergraph names a file'],
    [['--supergraph', 'x'], '--port names a port'],
    [['--supergraph', 'x', '--port', '1', '--share-in-flight', 'maybe'], 'is on or off'],
    [['--supergraph', 'x', '--port', '1', '--forward-header', 'Host'], 'never forwarded'],
    [['--supergraph', 'x', '--port', '1', '--planner', 'best'], '--planner is native or apollo, not "best"'],
    [['--supergraph', 'x', '--port', '1', '--introspection', 'none'], '--introspection is whole or scoped'],
    [['--suprgraph', 'x'], '--suprgraph'],
    [['--supergraph', 'x', '--port', '1', '--forward-header', 'Sec-WebSocket-Key'], 'never forwarded'],
    [['--supergraph', 'x', '--port', '1', '--stream-over', 'news'], '--stream-over is NAME=ws,'],
    [['--supergraph', 'x', '--port', '1', '--stream-over', 'news=sse'], 'not "news=sse"'],
    [['--supergraph', 'x', '--port', '1', '--stream-over', 'news=http://there/graphql'], '--stream-over is NAME=ws,'],
    [['--supergraph', 'x', '--port', '1', '--stream-over', 'news=ws://there:99999/'], '--stream-over is NAME=ws,'],
    [['--supergraph', 'x', '--port', '1', '--stream-over', 'news=wss://there/#part'], '--stream-over is NAME=ws,'],
    [['--supergraph', 'x', '--port', '1', '--stream-over', 'a=ws', '--stream-over', 'a=ws'], 'names a twice'],
    [['--supergraph', 's', '--port', '0', '--metrics-port', '70000'], '--metrics-port is a number from 0 to 65535'],
    [['--supergraph', 's', '--port', '0', '--subgraph-timeout', ''], '--subgraph-timeout is a whole number above 0'],
  ])('%j is refused with a reason and the usage', (args, reason) => {
    expect(() => parseRouterOptions(args)).toThrow(reason);
    expect(() => parseRouterOptions(args)).toThrow('npm run router --');
  });

  it('is one command: ready at once, in production too, and ends when it is told', async () => {
    const main = new URL('../../ops/run/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', main, 'router', '--supergraph', file, '--port', '0'], {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const url = /http:\S+(?=\/graphql)/.exec(line)?.[0] ?? '';
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const { port } = new URL(url);
    expect((await fetch(`http://[::1]:${port}/graphql?query=${encodeURIComponent(QUERY)}`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('is planned for by the other where the native binary does not load, and one line says so', async () => {
    const main = new URL('../../ops/run/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', main, 'router', '--supergraph', file, '--port', '0'], {
      env: { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: '/nowhere.node' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    const lines = createInterface(child.stdout).on('line', (line) => said.push(line));
    createInterface(child.stderr).on('line', (line) => said.push(line));
    while (!said.some((line) => /http:\S+\/graphql/.test(line))) await once(lines, 'line');
    const url = said.map((line) => /http:\S+\/graphql/.exec(line)?.[0]).find(Boolean) ?? '';
    const answer = await fetch(`${url}?query=${encodeURIComponent(QUERY)}`, {
      headers: { accept: 'application/json' },
    });
    expect(await answer.json()).toEqual({ data: WHOLE });
    expect(said.filter((line) => line.includes('takes over'))).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
