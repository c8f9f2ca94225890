import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createMetrics } from '@assay/telemetry';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMeters } from '../src/meters.ts';
import { ADA, type DoorsHouse, ORIGIN, raw, startDoorsHouse } from './doors-house.ts';

let house: DoorsHouse;
beforeAll(async () => {
  house = await startDoorsHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const codeOf = ({ json }: { json: { errors?: readonly { extensions?: Record<string, unknown> }[] } }) =>
  json.errors?.[0]?.extensions?.['code'];

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${house.url}/graphql` });
  it.each(audits.map((audit) => [audit.id, audit.name, audit]))('%s: %s', async (_id, name, audit) => {
    const result = await audit.fn();
    // What a server MAY do it may leave, which is a notice.
    if (result.status !== 'ok')
      expect({ name, status: result.status, reason: result.reason }).toMatchObject({
        name: expect.stringMatching(/^MAY/),
        status: 'notice',
      });
  });

  it('answers a query by POST and by GET alike', async () => {
    const query = 'query ($id: ID!) { thing(id: $id) { title owner { name } } }';
    const posted = await house.post({ query, variables: { id: 't1' } });
    const got = await house.get(
      `/graphql?query=${encodeURIComponent(query)}&variables=${encodeURIComponent('{"id":"t1"}')}`,
    );
    expect(posted.json).toEqual({ data: { thing: { title: 'Thing 1', owner: { name: 'Owner of p-t1' } } } });
    expect(got.json).toEqual(posted.json);
  });

  it('changes nothing by GET', async () => {
    const query = encodeURIComponent('mutation { rename(id: "t3", title: "stolen") { title } }');
    const got = await house.get(`/graphql?query=${query}`);
    expect(got.status).toBe(405);
    expect((await house.post({ query: '{ thing(id: "t3") { title } }' })).text).toContain('Thing 3');
  });

  it.each(['PUT', 'HEAD', 'DELETE'])('says by which methods it is asked, where it is asked by %s', async (method) => {
    const got = await fetch(`${house.url}/graphql`, { method });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'GET, POST']);
    const text = await got.text();
    if (method !== 'HEAD') expect(text).toContain('GraphQL is asked by POST, and queries by GET too.');
    expect(text).not.toContain('Apollo');
  });

  it('lets a page of another site not even read with the visitor’s cookie', async () => {
    const query = encodeURIComponent('{ whoAsks }');
    const got = await house.get(`/graphql?query=${query}`, { cookie: 'ada' });
    expect([got.status, codeOf(got)]).toEqual([400, 'BAD_USER_INPUT']);
    const simple = await raw(house.url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', cookie: 'ada' },
      body: '{"query":"{ whoAsks }"}',
    });
    expect(simple.status).toBe(400);
    expect(simple.body).not.toContain(ADA);
  });

  it('says who asks to the subgraph, by token and by cookie', async () => {
    const query = '{ whoAsks }';
    expect((await house.post({ query }, { authorization: 'Bearer ada' })).json).toEqual({ data: { whoAsks: ADA } });
    expect((await house.post({ query }, { cookie: 'ada', origin: ORIGIN })).json).toEqual({ data: { whoAsks: ADA } });
    expect((await house.post({ query })).json).toEqual({ data: { whoAsks: null } });
  });

  it('never takes a token that does not hold for nobody', async () => {
    const got = await house.post({ query: '{ whoAsks }' }, { authorization: 'Bearer forged' });
    expect([got.status, codeOf(got)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(got.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is unavailable while it cannot be told who asks', async () => {
    const got = await house.post({ query: '{ whoAsks }' }, { authorization: 'Bearer away' });
    expect([got.status, codeOf(got)]).toEqual([503, 'UPSTREAM_UNAVAILABLE']);
  });

  it('sends subscriptions to the doors for streams', async () => {
    const got = await house.post({ query: 'subscription { changes { title } }' });
    expect(codeOf(got)).toBe('BAD_USER_INPUT');
    expect(got.text).toContain('text/event-stream');
  });

  it('answers about the schema, and keeps what composition made out of it', async () => {
    const { json } = await house.post({ query: '{ __schema { types { name } directives { name } } }' });
    const names = JSON.stringify(json);
    expect(names).toContain('"Thing"');
    expect(names).not.toMatch(/join__|link__|_Any|_Entity|_service/);
  });
});

describe('bad input', () => {
  const deep = (levels: number) => `{ people ${'{ best '.repeat(levels)} { name } ${'}'.repeat(levels)} }`;
  const bomb = (size: number) =>
    `{ ...F0 } ${Array.from({ length: size }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join(' ')} fragment F${size} on Query { __typename }`;

  it.each([
    ['a query of a megabyte', `{ thing(id: "${'x'.repeat(1_048_576)}") { id } }`, 413],
    ['ten thousand fields', `{ ${'__typename '.repeat(11_000)} }`, 413],
    [
      'two thousand aliases of one field',
      `{ ${Array.from({ length: 60 }, (_, n) => `a${n}: whoAsks`).join(' ')} }`,
      413,
    ],
    ['thirty levels', deep(30), 413],
    ['two thousand levels', deep(2_000), 413],
    ['fragments that double each other', bomb(40), 413],
    ['two thousand times the same field', `{ people { ${'name '.repeat(2_500)} } }`, 413],
  ])('is refused when it is %s, at once and with a code', async (_name, query, status) => {
    const from = performance.now();
    const got = await house.post({ query });
    expect([got.status, codeOf(got)]).toEqual([status, 'TOO_COMPLEX']);
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('is refused when it is what a person can still write, and worse than that', async () => {
    expect((await house.post({ query: deep(20) })).status).toBe(200);
  });

  it.each([
    ['no JSON', '{', 'BAD_USER_INPUT'],
    ['a list', '[]', 'BAD_USER_INPUT'],
    ['null', 'null', 'BAD_USER_INPUT'],
    ['no query', '{}', 'BAD_USER_INPUT'],
    ['a query that is a number', '{"query":1}', 'BAD_USER_INPUT'],
    ['variables that are a string', '{"query":"{ whoAsks }","variables":"{}"}', 'BAD_USER_INPUT'],
    ['half a query', '{"query":"{ whoAsks"}', 'GRAPHQL_PARSE_FAILED'],
    ['NUL in a query', '{"query":"{ who\\u0000Asks }"}', 'GRAPHQL_PARSE_FAILED'],
    ['a field that is not there', '{"query":"{ whoAskss }"}', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a condition on the root of a stream',
      '{"query":"subscription ($b: Boolean!) { ticks @include(if: $b) }","variables":{"b":true}}',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a way into the subgraphs', '{"query":"{ _service { sdl } }"}', 'GRAPHQL_VALIDATION_FAILED'],
    ['an entity by hand', '{"query":"{ _entities(representations: []) { __typename } }"}', 'GRAPHQL_VALIDATION_FAILED'],
    ['a reserved alias', '{"query":"{ __proto__: whoAsks }"}', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations and no name', '{"query":"query A { whoAsks } query B { whoAsks }"}', 'BAD_USER_INPUT'],
    ['a name that no operation has', '{"query":"query A { whoAsks }","operationName":"B"}', 'BAD_USER_INPUT'],
    [
      'a variable of another type',
      '{"query":"query ($n: Int) { things(first: $n) { id } }","variables":{"n":"x"}}',
      'BAD_USER_INPUT',
    ],
  ])('%s gets 400 and a code, and no suggestion', async (_name, body, code) => {
    const got = await house.post(body, { accept: 'application/graphql-response+json' });
    expect([got.status, codeOf(got)]).toEqual([400, code]);
    expect(got.text).not.toMatch(/Did you mean|stacktrace|node_modules/);
  });

  it('is what it is called: a persisted query that nobody has', async () => {
    const got = await house.post({ extensions: { persistedQuery: { version: 1, sha256Hash: '00' } } });
    expect(codeOf(got)).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  it('has its sender read the answer while it is still sending', async () => {
    const got = await raw(house.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.alloc(8 * 1024 * 1024, ' '),
    });
    expect(got.status).toBe(413);
    expect(got.body).toContain('TOO_COMPLEX');
  });

  it('of another name than ours, or of no address, is nobody’s', async () => {
    expect((await raw(house.url, { headers: { host: 'evil.test' } })).status).toBe(421);
    expect((await raw(house.url, { path: '//evil.test/graphql' })).status).toBe(400);
    expect((await raw(house.url, { path: 'http://evil.test/graphql' })).status).toBe(400);
    expect((await raw(house.url, { path: '/nothing/here.txt' })).status).toBe(404);
    expect((await raw(house.url, { headers: { host: 'console.assay.test' }, path: '/health/live' })).status).toBe(200);
  });
});

describe('a request that HTTP has a status for', () => {
  it('is one with two hosts, of which whoever stands before us may have believed the other', async () => {
    const { port } = new URL(house.url);
    const socket = connect(Number(port), '127.0.0.1');
    const lines = [
      'GET /health/live HTTP/1.1',
      `Host: localhost:${port}`,
      `Host: localhost:${port}`,
      'Connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n`);
    const text = Buffer.concat(await socket.toArray()).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('A request names one host.');
  });

  it.each(['gzip', 'br'])('is a body in %s, which is to be sent as it is', async (encoding) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
    const answer = await raw(house.url, { method: 'POST', headers, body: gzipSync('{"query":"{ whoAsks }"}') });
    expect([answer.status, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
    expect(JSON.parse(answer.body)).toEqual({
      errors: [
        {
          message: 'Send the body as it is: no content-encoding is taken.',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
    expect((await house.post({ query: '{ whoAsks }' }, { 'content-encoding': 'identity' })).status).toBe(200);
  });

  it('is in the figures, also where it comes no further than its host', async () => {
    const metrics = createMetrics();
    await using watched = await startDoorsHouse({ meters: openMeters(metrics) });
    await raw(watched.url, { headers: { host: 'evil.test' } });
    const line = /^http_server_request_duration_seconds_count\{.*http_response_status_code="421".*\} 1$/m;
    await expect.poll(() => metrics.registry.metrics()).toMatch(line);
  });
});

describe('what a client accepts', () => {
  it.each([
    ['application/graphql-response+json;q=0, application/json', 200, 'application/json; charset=utf-8'],
    ['application/json, application/graphql-response+json', 200, 'application/json; charset=utf-8'],
    ['application/graphql-response+json, */*;q=0.1', 400, 'application/graphql-response+json; charset=utf-8'],
  ])('decides the type and the status of a refusal, as of an answer: %s', async (accept, status, type) => {
    const refused = await house.post({ query: '{' }, { accept });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([status, type]);
    const answered = await house.post({ query: '{ whoAsks }' }, { accept });
    expect([answered.status, answered.headers.get('content-type')]).toEqual([200, type]);
  });
});

describe('a value that is wrong', () => {
  it.each([
    ['text', JSON.stringify('x'.repeat(400_000))],
    ['quotes', JSON.stringify('"'.repeat(200_000))],
  ])('comes back short, however long its %s was, with what is wrong about it', async (_name, value) => {
    const query = 'query ($n: Int) { things(first: $n) { id } }';
    const { json, text } = await house.post(`{"query":"${query}","variables":{"n":${value}}}`);
    expect(codeOf({ json })).toBe('BAD_USER_INPUT');
    expect(json.errors?.[0]?.message).toMatch(/^Variable "\$n" got invalid value "/);
    expect(json.errors?.[0]?.extensions?.['problems']).toMatchObject([
      { path: ['n'], message: expect.stringContaining('Int cannot represent non-integer value') },
    ]);
    expect(text.length).toBeLessThan(5_000);
  });
});

describe('every answer', () => {
  it.each(['/graphql', '/health/live', '/nowhere.txt'])(
    'of %s has an id and keeps pages in their frame',
    async (path) => {
      const { headers } = await house.get(path, { 'x-request-id': 'storefront-0042' });
      expect(headers.get('x-request-id')).toBe('storefront-0042');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
    },
  );

  it.each(['short', 'with spaces in it', `${'x'.repeat(65)}`, '"><script>alert(1)</script>'])(
    'has an id of ours when %j came in',
    async (id) => {
      const { headers } = await house.get('/health/live', { 'x-request-id': id });
      expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    },
  );

  it('hides what broke inside, and gives an id to ask by', async () => {
    const { json, text } = await house.post({ query: '{ secret whoAsks }' });
    expect(text).not.toMatch(/hunter2|10\.0\.0\.7|ECONNREFUSED/);
    expect(json.data).toBeNull();
    expect(json.errors).toEqual([
      {
        message: 'Something failed on our side. Quote the error id when you report it.',
        path: ['secret'],
        extensions: { code: 'INTERNAL', errorId: expect.stringMatching(/^[\da-f-]{36}$/) },
      },
    ]);
  });
});
