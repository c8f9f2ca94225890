import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { createLog } from '@assay/telemetry';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRouterOptions } from '../src/router/options.ts';
import { type RunningRouter, startRouter } from '../src/router/router.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])';
const SDL = {
  books: `${LINK} type Query { books: [Book!] shelf: Int } type Book @key(fields: "id") { id: ID! title: String }`,
  stars: `${LINK} type Book @key(fields: "id") { id: ID! stars: Int kind: Kind must: Int! } enum Kind { PAPER }`,
};
const BOOKS = [
  { __typename: 'Book', id: 'b1', title: 'Notes' },
  { __typename: 'Book', id: 'b2', title: 'Compilers' },
];
/** What a slow subgraph may hold: so many connections. */
const AT_ONCE = 128;
const EACH_ASKS = ['--share-in-flight', 'off'];
type Answer = (response: ServerResponse) => void;
const type = { 'content-type': 'application/json' };
const say = (value: unknown) => (response: ServerResponse) =>
  void response.writeHead(200, type).end(typeof value === 'string' ? value : JSON.stringify(value));
const entities = (...list: unknown[]) => say({ data: { _entities: list } });

describe('a router whose subgraph fails', () => {
  const answers: Record<keyof typeof SDL, Answer> = { books: () => undefined, stars: () => undefined };
  const servers: Server[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'assay-router-faults-'));
  let router: RunningRouter;
  /** Of the log. */
  const lines: Record<string, unknown>[] = [];

  const startSubgraph = async (name: keyof typeof SDL) => {
    const server = createServer(async (request, response) => {
      await json(request);
      answers[name](response);
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    return { name, url, typeDefs: parse(SDL[name]) };
  };
  const open = async (names: Partial<Record<keyof typeof SDL, string>> = {}, more: readonly string[] = []) => {
    const sources = await Promise.all((['books', 'stars'] as const).map(startSubgraph));
    const moved = sources.map((source) => ({ ...source, url: names[source.name] ?? source.url }));
    const file = join(folder, `${servers.length}.graphql`);
    writeFileSync(file, composeServices(moved).supergraphSdl ?? '');
    const limits = ['--subgraph-timeout', '300', '--max-answer-bytes', '100000'];
    const options = parseRouterOptions(['--supergraph', file, '--port', '0', ...limits, ...more]);
    if (!options) throw new Error('That was help.');
    return startRouter(options, createLog('router', 'warn', { write: (line) => void lines.push(JSON.parse(line)) }));
  };
  const ask = async (query: string, { url } = router) => {
    const body = JSON.stringify({ query });
    const answer = await fetch(`${url}/graphql`, { method: 'POST', headers: type, body });
    const result = (await answer.json()) as {
      data?: unknown;
      errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
    };
    const told = result.errors?.map(({ extensions, path }) => [extensions['code'], path]);
    return { ...result, told, status: answer.status };
  };

  beforeAll(async () => {
    router = await open();
  });
  afterAll(async () => {
    await router[Symbol.asyncDispose]();
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  const drip: Answer = (response) => void response.writeHead(200, type).write('{"data":{');
  const FAULTS: [string, Answer][] = [
    ['never answers', () => undefined],
    ['begins and goes no further', drip],
    [
      'answers in HTML with status 200',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    ],
    ['answers with what is no JSON', say('{"data": {"_entities": [')],
    ['says JSON and sends nothing', say('')],
    ['answers with null', say('null')],
    ['answers with a list', say('[]')],
    ['leaves data out', say({ extensions: {} })],
    ['has null for data and no reason', say({ data: null })],
    ['has a text for data', say({ data: 'yes' })],
    [
      'closes half way',
      (response) =>
        void response.writeHead(200, { ...type, 'content-length': 99 }).write('{"da', () => response.destroy()),
    ],
    ['sends more than the limit', say(`{"data":{"_entities":"${'x'.repeat(200_000)}"}}`)],
    ['sends elsewhere', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    [
      'says gzip of what is none',
      (response) => response.writeHead(200, { ...type, 'content-encoding': 'gzip' }).end('garbage'),
    ],
    ['has status 500 and a page', (response) => response.writeHead(500, { 'content-type': 'text/html' }).end('oops')],
  ];

  it.each(FAULTS)('says where the answer lacks what a subgraph owes that %s', async (_what, answer) => {
    Object.assign(answers, { books: say({ data: { books: BOOKS, shelf: 7 } }), stars: answer });
    const { data, told, errors, status } = await ask('{ books { title stars } shelf }');
    expect(data).toEqual({ books: BOOKS.map(({ title }) => ({ title, stars: null })), shelf: 7 });
    expect(told).toEqual([0, 1].map((index) => ['UPSTREAM_UNAVAILABLE', ['books', index, 'stars']]));
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|ECONN|undici|JSON at/);
    expect(status).toBe(200);
  });

  it.each(FAULTS)('has null at each root that a subgraph owes that %s', async (_what, answer) => {
    answers.books = answer;
    const { data, told } = await ask('{ mine: shelf books { title } }');
    expect(data).toEqual({ mine: null, books: null });
    expect(told).toEqual([
      ['UPSTREAM_UNAVAILABLE', ['mine']],
      ['UPSTREAM_UNAVAILABLE', ['books']],
    ]);
  });

  it('says so of one that refuses connections', async () => {
    await using refused = await open({ stars: 'http://127.0.0.1:1/graphql' });
    answers.books = say({ data: { books: BOOKS } });
    const { data, told } = await ask('{ books { title stars } }', refused);
    expect(data).toEqual({ books: BOOKS.map(({ title }) => ({ title, stars: null })) });
    expect(told).toEqual([0, 1].map((index) => ['UPSTREAM_UNAVAILABLE', ['books', index, 'stars']]));
  });

  it('is asked no more while most of what it is asked fails, and others are asked on', async () => {
    await using tried = await open({}, EACH_ASKS);
    let asked = 0;
    Object.assign(answers, {
      books: say({ data: { books: BOOKS, shelf: 7 } }),
      stars: (response: ServerResponse) => {
        asked += 1;
        response.writeHead(500, { 'content-type': 'text/html' }).end('oops');
      },
    });
    const many = () => Promise.all(Array.from({ length: 100 }, () => ask('{ books { stars } shelf }', tried)));
    await many();
    const before = asked;
    expect(before).toBeGreaterThan(0);
    const results = await many();
    expect(asked).toBe(before);
    for (const { data, told } of results) {
      expect(data).toEqual({ books: [{ stars: null }, { stars: null }], shelf: 7 });
      expect(told?.[0]).toEqual(['UPSTREAM_UNAVAILABLE', ['books', 0, 'stars']]);
    }
  });

  it('that is slow holds no more than its share, and starves no other', async () => {
    await using tried = await open({}, [...EACH_ASKS, '--subgraph-timeout', '2000']);
    const held = new Set<ServerResponse>();
    let most = 0;
    Object.assign(answers, {
      books: say({ data: { books: BOOKS, shelf: 7 } }),
      stars: (response: ServerResponse) => {
        held.add(response);
        response.once('close', () => held.delete(response));
        most = Math.max(most, held.size);
      },
    });
    const slow = Array.from({ length: 400 }, () => ask('{ books { stars } }', tried));
    await expect.poll(() => held.size).toBe(AT_ONCE);
    expect((await ask('{ shelf }', tried)).data).toEqual({ shelf: 7 });
    expect(held.size).toBeGreaterThan(0);
    for (const { told } of await Promise.all(slow))
      expect(told?.[0]).toEqual(['UPSTREAM_UNAVAILABLE', ['books', 0, 'stars']]);
    expect(most).toBe(AT_ONCE);
  });

  it.each<[string, Answer, unknown, unknown]>([
    ['a type', entities({ stars: { five: 5 } }, { stars: 3 }), [null, 3], ['books', 0, 'stars']],
    ['a list', entities({ stars: [5] }, { stars: 3 }), [null, 3], ['books', 0, 'stars']],
  ])('takes nothing of the wrong kind: %s', async (_what, answer, stars, path) => {
    Object.assign(answers, { books: say({ data: { books: BOOKS } }), stars: answer });
    const { data, told } = await ask('{ books { stars } }');
    expect(data).toEqual({ books: (stars as unknown[]).map((each) => ({ stars: each })) });
    expect(told).toEqual([['UPSTREAM_UNAVAILABLE', path]]);
  });

  it.each(['Application/JSON;charset=UTF-8', 'application/json ; charset=utf-8', 'APPLICATION/GRAPHQL-RESPONSE+JSON'])(
    'reads JSON that is called %s',
    async (name) => {
      answers.books = (response) => response.writeHead(200, { 'content-type': name }).end('{"data":{"shelf":7}}');
      expect(await ask('{ shelf }')).toMatchObject({ data: { shelf: 7 }, told: undefined });
    },
  );

  it('takes an enum’s unknown value for none', async () => {
    Object.assign(answers, {
      books: say({ data: { books: BOOKS } }),
      stars: entities({ kind: 'STONE' }, { kind: null }),
    });
    const { data, told } = await ask('{ books { kind } }');
    expect(data).toEqual({ books: [{ kind: null }, { kind: null }] });
    expect(told).toEqual([['UPSTREAM_UNAVAILABLE', ['books', 0, 'kind']]]);
  });

  it('takes with it no more than what may not be null', async () => {
    Object.assign(answers, { books: say({ data: { books: BOOKS, shelf: 7 } }), stars: entities({ must: 1 }, {}) });
    const { data, told } = await ask('{ shelf books { title must } }');
    expect(data).toEqual({ shelf: 7, books: null });
    expect(told).toEqual([['UPSTREAM_UNAVAILABLE', ['books', 1, 'must']]]);
  });

  it.each<[string, unknown]>([
    ['a text', 'broken'],
    ['an object', { message: 'one' }],
    ['a list of null', [null]],
    ['a list of texts', ['broken']],
    ['one with a number for its message', [{ message: 5 }]],
    ['one with a text for its path', [{ message: 'one', path: 'books' }]],
    ['one with objects in its path', [{ message: 'one', path: [{}] }]],
    ['one with a text for its extensions', [{ message: 'one', extensions: 'x' }]],
  ])('reads errors that are %s as one that says nothing', async (_what, errors) => {
    answers.books = say({ data: { shelf: 7 }, errors });
    const answer = await ask('{ shelf }');
    expect(answer.data).toEqual({ shelf: 7 });
    expect(answer.errors).toMatchObject([
      {
        message: expect.stringContaining('Quote the error id'),
        extensions: { code: 'INTERNAL', errorId: expect.any(String) },
      },
    ]);
  });

  it('tells the operator why, and nothing of what was asked or answered', async () => {
    Object.assign(answers, { books: say({ data: { books: BOOKS } }), stars: FAULTS[2]?.[1] });
    const reason = 'It answered with status 200 and the type text/html, not with JSON.';
    await using own = await open();
    await Promise.all([1, 2, 3].map(() => ask('{ books { stars } }', own)));
    const told = () => lines.filter((line) => line['reason'] === reason && line['subgraph'] === 'stars');
    await expect.poll(() => told().at(-1), { timeout: 5_000 }).toMatchObject({ msg: 'fetches failed' });
    expect(JSON.stringify(told())).not.toContain('b1');
  });

  it('passes on a message whose code clients know, at their path, and masks every other with an id', async () => {
    answers.books = say({ data: { books: BOOKS } });
    const at = (index: number, code?: string) => ({
      message: `Told ${code}.`,
      path: ['_entities', index, 'stars'],
      extensions: { ...(code ? { code } : {}), stacktrace: ['secret'] },
    });
    answers.stars = say({
      data: { _entities: [{ stars: null }, { stars: null }] },
      errors: [at(0, 'NOT_FOUND'), at(1, 'ORA-600'), at(1)],
    });
    const { errors } = await ask('{ books { stars } }');
    const masked = { message: expect.stringContaining('Quote the error id'), path: ['books', 1, 'stars'] };
    expect(errors).toEqual([
      { message: 'Told NOT_FOUND.', path: ['books', 0, 'stars'], extensions: { code: 'NOT_FOUND' } },
      { ...masked, extensions: { code: 'INTERNAL', errorId: expect.any(String) } },
      { ...masked, extensions: { code: 'INTERNAL', errorId: expect.any(String) } },
    ]);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });
});
