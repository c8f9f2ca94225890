import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readManifest } from '../src/persisted/manifest.ts';
import { type RunningRouter, startRouter } from '../src/router/router.ts';
import { parseSupergraph } from '../src/supergraph/read.ts';
import { verifyApart } from '../src/supergraph/verify-apart.ts';
import { verifyKnown, watchSupergraph } from '../src/supergraph/watch.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])';
const SDL = `${LINK} type Query { book: Book } type Book @key(fields: "id") { id: ID! title: String }`;

/** The product's own supergraph, and what it has to be good for. */
const CODEGEN = fileURLToPath(new URL('../../codegen/', import.meta.url));
const ours = readFileSync(join(CODEGEN, 'supergraph.graphql'), 'utf8');
const documents = [...readManifest(join(CODEGEN, 'persisted-documents.json')).values()];

const withoutQuery = (good: string) => good.replace(/\ntype Query\n[^]*?\n}\n/, '\n');

/** What cannot be served, and the words with which it is refused. */
const BAD: readonly (readonly [string, (good: string) => string, RegExp])[] = [
  ['no GraphQL', () => 'nonsense {', /is no GraphQL schema/],
  ['an empty file', () => '', /is no GraphQL schema/],
  ['half of one', (good) => good.slice(0, good.length / 2), /is no GraphQL schema/],
  ['a schema that nobody composed', () => 'type Query { a: Int }', /no supergraph/],
  ['a subgraph without an address', (good) => good.replace(/(name: "media", url: )"[^"]*"/, '$1""'), /no http address/],
  ['a word that is out of place', (good) => good.replace('type Query', 'typo Query'), /\(line \d+, column 1\)/],
  ['one without its Query', withoutQuery, /Unknown type "Query"/],
  [
    'two subgraphs of one name',
    (good) => good.replace('join__graph(name: "media"', 'join__graph(name: "identity"'),
    /two subgraphs of the name identity/,
  ],
  [
    'a field of a subgraph that is none',
    (good) => good.replace('@join__type(graph: MEDIA', '@join__type(graph: GHOST'),
    /no subgraph GHOST\. \(line \d+, column \d+\)/,
  ],
  [
    'a field that is defined twice',
    (good) => good.replace(/(\ntype User\n[^]*?)(\n {2}id: [^\n]*)/, '$1$2$2'),
    /Field "User\.id" can only be defined once/,
  ],
  [
    'an interface of which a field is missing',
    (good) => `${good}\ninterface Named { label: String }\nextend type User implements Named`,
    /Interface field Named\.label expected but User does not provide it/,
  ],
];

describe('a router whose supergraph changes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-supergraph-'));
  const file = join(folder, 'supergraph.graphql');
  let server: Server;
  let router: RunningRouter;
  let compose: (sdl: string) => string;
  let held: ServerResponse[] | null = null;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { query } = (await json(request)) as { query: string };
      if (held && query.includes('title')) return void held.push(response);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { book: { __typename: 'Book', id: 'b1', title: 'Notes', pages: 7 } } }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    compose = (sdl) => composeServices([{ name: 'books', url, typeDefs: parse(sdl) }]).supergraphSdl ?? '';
    writeFileSync(file, compose(SDL));
    router = await startRouter({
      supergraph: file,
      port: 0,
      shareInFlight: true,
      forwardHeaders: [],
      maxCost: null,
      introspection: 'whole',
    });
  });
  afterAll(async () => {
    await router?.[Symbol.asyncDispose]();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const ask = async (query: string) => {
    const answer = await fetch(`${router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await answer.json()) as { data?: { book?: Record<string, unknown> }; errors?: { message: string }[] };
  };
  const WIDER = SDL.replace('title: String', 'title: String pages: Int');

  it('answers by the new one without a restart, fails nobody meanwhile, and ends what was begun by the old one', async () => {
    expect((await ask('{ book { pages } }')).errors?.[0]?.message).toMatch(/Cannot query field "pages"/);
    held = [];
    const begun = ask('{ book { title } }');
    await expect.poll(() => held?.length).toBe(1);
    const [waiting] = held;
    held = null;
    const outcomes = new Set<string>();
    let isOver = false;
    const crowd = (async () => {
      while (!isOver) outcomes.add(JSON.stringify(await ask('{ book { id } }')));
    })();
    writeFileSync(file, compose(WIDER));
    await expect
      .poll(() => ask('{ book { pages } }'), { timeout: 15_000, interval: 100 })
      .toEqual({ data: { book: { pages: 7 } } });
    isOver = true;
    await crowd;
    expect([...outcomes]).toEqual(['{"data":{"book":{"id":"b1"}}}']);
    waiting?.setHeader('content-type', 'application/json');
    waiting?.end('{"data":{"book":{"title":"Notes"}}}');
    expect(await begun).toEqual({ data: { book: { title: 'Notes' } } });
  });

  it('names by /health/ready one that is refused, until it is mended, and serves on', async () => {
    const ready = async () => {
      const answer = await fetch(`${router.url}/health/ready`);
      return { code: answer.status, ...((await answer.json()) as { status: string; parts: object }) };
    };
    const serving = readFileSync(file, 'utf8');
    expect(await ready()).toMatchObject({ code: 200, status: 'ready', parts: { supergraph: { state: 'up' } } });
    writeFileSync(file, serving.replace('type Query', 'typo Query'));
    const detail = expect.stringMatching(/refused.*Unexpected Name "typo".*\(line \d+, column 1\)/);
    await expect.poll(ready).toMatchObject({ code: 200, status: 'degraded', parts: { supergraph: { detail } } });
    writeFileSync(file, serving);
    await expect.poll(ready).toMatchObject({ status: 'ready' });
  });

  it('is looked at by the command at once on SIGHUP, which does not end it', async () => {
    let looked = 0;
    const place = createServer((_request, response) => {
      looked += 1;
      response.end(compose(SDL));
    });
    await once(place.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(place.address() as AddressInfo).port}/`;
    const main = fileURLToPath(new URL('../../ops/run/main.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', main, 'router', '--supergraph', url, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const before = looked;
    child.kill('SIGHUP');
    await expect.poll(() => looked).toBe(before + 1);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    place.close();
  });

  it('forgets what is there no longer', async () => {
    writeFileSync(file, compose(`${LINK} type Query { book: Book } type Book @key(fields: "id") { id: ID! }`));
    await expect.poll(async () => (await ask('{ book { title } }')).errors?.length, { timeout: 15_000 }).toBe(1);
    expect(await ask('{ book { id } }')).toEqual({ data: { book: { id: 'b1' } } });
  });
});

describe('a supergraph that is brought', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-supergraph-'));
  const file = join(folder, 'supergraph.graphql');
  afterAll(() => rmSync(folder, { recursive: true }));
  let told: string[];
  let taken: string[];
  beforeEach(() => {
    [told, taken] = [[], []];
    writeFileSync(file, ours);
  });

  /** Watches as the gateway does, but for what it does with a good one. */
  const watch = (lookMs: number | null) =>
    watchSupergraph({
      place: file,
      serving: ours,
      lookMs,
      take: async (next) => {
        verifyKnown(next, ['identity', 'media', 'licensing', 'compliance']);
        await verifyApart({ sdl: next.sdl, planner: 'native', documents });
        taken.push(next.sdl);
      },
      told: (outcome, problem) => told.push(problem instanceof Error ? `${outcome}: ${problem.message}` : outcome),
    });

  it.each(BAD)('%s is refused, with a reason that stays until it is mended', async (_what, spoil, why) => {
    await using watched = watch(null);
    writeFileSync(file, spoil(ours));
    await watched.look();
    await watched.look();
    expect(told).toEqual([expect.stringMatching(/^refused: /)]);
    expect(told[0]).toMatch(why);
    expect(watched.standing()).toEqual({ ok: false, detail: expect.stringMatching(why) });
    writeFileSync(file, ours);
    await watched.look();
    expect([watched.standing(), taken]).toEqual([{ ok: true }, []]);
  });

  it('that was refused for what has passed is tried once more when somebody has it looked at, and not before', async () => {
    let tries = 0;
    await using watched = watchSupergraph({
      ...{ place: file, serving: ours, lookMs: 10 },
      take: async () => {
        tries += 1;
        if (tries < 3) throw new Error(`The planner ended over it (attempt ${tries}).`);
      },
      told: (outcome, problem) => told.push(problem instanceof Error ? `${outcome}: ${problem.message}` : outcome),
    });
    writeFileSync(file, ours.replace('"""An asset', '"""A changed asset'));
    await expect.poll(() => told.length).toBe(1);
    await watched.look();
    expect(told).toEqual([1, 2].map((n) => expect.stringContaining(`attempt ${n}`)));
    await watched.look();
    expect([told.at(-1), tries, watched.standing()]).toEqual(['taken', 3, { ok: true }]);
  });

  it.each([
    [
      'lacks a field that the console asks for',
      (sdl: string) => sdl.replace(' moderationPreview: ', ' moderationPicture: '),
      /"\w+" of the persisted documents would be valid no longer: Cannot query field "moderationPreview"/,
    ],
    [
      'has a subgraph that is not here',
      (sdl: string) => sdl.replace('join__graph(name: "media"', 'join__graph(name: "billing"'),
      /subgraphs that this gateway does not know: billing/,
    ],
  ])('is refused when it %s', async (_what, spoil, why) => {
    await using watched = watch(null);
    writeFileSync(file, spoil(ours));
    await watched.look();
    expect(told[0]).toMatch(why);
    expect(taken).toEqual([]);
  });

  it('is looked at twice before it is taken: whoever writes it may be half through', async () => {
    await using watched = watch(20);
    const next = ours.replace('"""An asset', '"""A changed asset');
    expect(next).not.toBe(ours);
    writeFileSync(file, next);
    await expect.poll(() => taken, { timeout: 15_000 }).toEqual([next]);
    expect([told, watched.standing()]).toEqual([['taken'], { ok: true }]);
  });

  it('is tried at each of its root fields, where nobody says what else it has to be good for', async () => {
    const url = 'http://127.0.0.1:1/';
    const stars = `${LINK} type Book @key(fields: "id") { id: ID! stars: Int }`;
    const sources = [
      { name: 'books', url, typeDefs: parse(SDL) },
      { name: 'stars', url, typeDefs: parse(stars) },
    ];
    const good = composeServices(sources).supergraphSdl ?? '';
    await verifyApart({ sdl: good, planner: 'native', documents: [] });
    const keyless = good.replace('@join__type(graph: STARS, key: "id")', '@join__type(graph: STARS)');
    expect(keyless).not.toBe(good);
    const tried = verifyApart({ sdl: keyless, planner: 'native', documents: [] });
    await expect(tried).rejects.toThrow(/Query\.book cannot be planned/);
  });

  it('over which the native planner ends its process is refused, and nothing else ends', async () => {
    const tried = verifyApart({ sdl: withoutQuery(ours), planner: 'native', documents });
    await expect(tried).rejects.toThrow(/The planner ended over it/);
  });

  it('may carry directives that nobody here knows', () => {
    const marked = ours.replace(/\ntype User\n/, '\ntype User @transport(kind: "http") @deprecated\n');
    expect(marked).not.toBe(ours);
    expect(parseSupergraph(file, marked)).toMatchObject({ sdl: marked });
  });

  it('is planned by either planner', async () => {
    const sdl = parseSupergraph(file, ours).sdl;
    await verifyApart({ sdl, planner: 'native', documents });
    await verifyApart({ sdl, planner: 'apollo', documents });
  });
});
