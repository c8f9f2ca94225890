import { getIntrospectionQuery, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EXAMPLES } from '../console/src/graphiql/examples.ts';
import * as operations from '../console/src/operations.ts';
import { DEFAULT_LIMITS } from '../src/limits/limits.ts';
import { verifyLimits } from '../src/limits/measure.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const LIMITS = {
  tokens: 200,
  operations: 3,
  fragments: 16,
  depth: 4,
  fields: 20,
  rootFields: 3,
  breadth: 8,
  aliases: 5,
  directives: 6,
};

let house: DoorsHouse;
beforeAll(async () => {
  house = await startDoorsHouse({ limits: LIMITS });
});
afterAll(() => house[Symbol.asyncDispose]());

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

/** A document over one limit, and where it is. */
const TOO_MUCH: readonly [name: string, query: string, limit: object, locations: object | undefined][] = [
  [
    'five levels where four are taken',
    '{ people { friends { friends { friends { name } } } } }',
    { name: 'depth', value: 5, maximum: 4, path: ['people', 'friends', 'friends', 'friends', 'name'] },
    [{ line: 1, column: 42 }],
  ],
  [
    'five levels by way of a fragment',
    '{ people { friends { ...Far } } } fragment Far on Person { friends { friends { name } } }',
    { name: 'depth', value: 5, maximum: 4, path: ['people', 'friends', 'friends', 'friends', 'name'] },
    [{ line: 1, column: 80 }],
  ],
  [
    'a wide selection deep inside',
    `{ whoAsks people { friends { ${times(9, () => 'id')} } } }`,
    { name: 'breadth', value: 9, maximum: 8, path: ['people', 'friends'] },
    [{ line: 1, column: 20 }],
  ],
  [
    'fields that one fragment repeats',
    `{ people { a: friends { ...Six } b: friends { ...Six } c: friends { ...Six } } } fragment Six on Person { ${times(6, () => 'id')} }`,
    { name: 'fields', value: 22, maximum: 20, path: ['people'] },
    [{ line: 1, column: 3 }],
  ],
  [
    'aliases of one field',
    `{ people { ${times(6, (n) => `a${n}: name`)} } }`,
    { name: 'aliases', value: 6, maximum: 5, path: ['people'] },
    [{ line: 1, column: 3 }],
  ],
  [
    'directives',
    `{ whoAsks ${times(7, () => '@include(if: true)')} }`,
    { name: 'directives', value: 7, maximum: 6, path: ['whoAsks'] },
    [{ line: 1, column: 3 }],
  ],
  [
    'fields at the root',
    `{ ${times(4, () => 'whoAsks')} }`,
    { name: 'rootFields', value: 4, maximum: 3 },
    [{ line: 1, column: 1 }],
  ],
  [
    'fragments',
    `{ ...F0 } ${times(17, (n) => `fragment F${n} on Query { whoAsks }`)}`,
    { name: 'fragments', value: 17, maximum: 16 },
    [{ line: 1, column: 545 }],
  ],
  [
    'operations',
    times(4, (n) => `query Q${n} { whoAsks }`),
    { name: 'operations', value: 4, maximum: 3 },
    [{ line: 1, column: 64 }],
  ],
  ['tokens', `{ ${times(200, () => 'whoAsks')} }`, { name: 'tokens', value: 201, maximum: 200 }, expect.any(Array)],
];

describe('a document with too much of something', () => {
  it.each(TOO_MUCH)(
    'is refused by HTTP, which says what, how much and where: %s',
    async (_name, query, limit, locations) => {
      const { status, json } = await house.post({ query });
      expect(status).toBe(413);
      expect(json.errors).toEqual([expect.objectContaining({ extensions: { code: 'TOO_COMPLEX', limit }, locations })]);
    },
  );

  it.each(TOO_MUCH)('is refused by Server-Sent Events: %s', async (_name, query, limit) => {
    const { text } = await house.post({ query }, { accept: 'text/event-stream' });
    expect(text).toMatch(/^event: next\ndata: .+\n\nevent: complete\ndata: \n\n$/);
    expect(JSON.parse(text.slice(text.indexOf('{'), text.indexOf('\n\n')))).toMatchObject({
      errors: [{ extensions: { code: 'TOO_COMPLEX', limit } }],
    });
  });

  it.each(TOO_MUCH)('is refused by WebSocket: %s', async (_name, query, limit) => {
    const client = createClient({ url: `${house.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const refusal = new Promise((resolve) => {
      client.subscribe({ query }, { next: resolve, error: resolve, complete: () => resolve('complete') });
    });
    expect(await refusal).toMatchObject([{ extensions: { code: 'TOO_COMPLEX', limit } }]);
    await client.dispose();
  });

  it('is refused in words that a person can act on', async () => {
    const { json } = await house.post({ query: '{ people { friends { friends { friends { name } } } } }' });
    expect(json.errors?.[0]?.message).toBe(
      'A document has at most 4 levels of fields; this one has 5 (at people.friends.friends.friends.name).',
    );
  });

  it.each([
    ['lists', `{ thing(id: ${'['.repeat(4_000)}${']'.repeat(4_000)}) { id } }`],
    ['objects', `{ thing(id: ${'{a:'.repeat(3_000)}1${'}'.repeat(3_000)}) { id } }`],
    ['fragments', `{ ${'... { '.repeat(3_000)} whoAsks ${'}'.repeat(3_000)} }`],
  ])('is refused when it is so many %s within each other that no stack holds them', async (_name, query) => {
    await using roomy = await startDoorsHouse();
    const { status, json } = await roomy.post({ query });
    expect([status, json.errors?.[0]?.extensions]).toEqual([
      413,
      { code: 'TOO_COMPLEX', limit: { name: 'nesting', value: expect.any(Number), maximum: 200 } },
    ]);
  });

  it.each([
    ['variables', '{ whoAsks }', 'application/json'],
    ['extensions', '{ whoAsks }', 'application/json'],
    ['variables', 'subscription { changes { id } }', 'text/event-stream'],
  ])('is refused with %s within each other that no stack holds: %s as %s', async (name, query, accept) => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const { text } = await house.post(`{"query":"${query}","${name}":{"x":${deep}}}`, { accept });
    expect(text).toContain(`"message":"\\"${name}\\" has at most 200 values within each other; this one has more."`);
    expect(text).toContain('"limit":{"name":"nesting","value":201,"maximum":200}');
  });

  it('may have variables of 200 values within each other', async () => {
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
    const { json } = await house.post(`{"query":"{ whoAsks }","variables":{"x":${deep}}}`);
    expect(json).toEqual({ data: { whoAsks: null } });
  });

  it.each([
    ['values', `{ thing(id: ${'['.repeat(400)}${']'.repeat(400)}) { id } }`, 402, 211],
    [
      'values by default',
      `query ($a: ID = ${'{a:'.repeat(400)}1${'}'.repeat(400)}) { thing(id: $a) { id } }`,
      401,
      614,
    ],
    ['types', `query ($a: ${'['.repeat(400)}ID${']'.repeat(400)}) { thing(id: $a) { id } }`, 401, 211],
  ])(
    'is refused where %s stand deeper than 200 within each other, at that place',
    async (_name, query, value, column) => {
      await using roomy = await startDoorsHouse();
      const { status, json } = await roomy.post({ query });
      expect([status, json.errors]).toEqual([
        413,
        [
          {
            message: `A document has at most 200 values or selections within each other; this one has ${value}.`,
            locations: [{ line: 1, column }],
            extensions: { code: 'TOO_COMPLEX', limit: { name: 'nesting', value, maximum: 200 } },
          },
        ],
      ]);
    },
  );

  it('may have brackets in its texts', async () => {
    const { json } = await house.post({ query: `{ thing(id: "${'['.repeat(400)}") { id } }` });
    expect(json.errors).toBeUndefined();
  });

  it('is refused by name where its fields cannot be compared in time', async () => {
    await using roomy = await startDoorsHouse();
    const query = `{ ${times(6, (n) => `a${n}: people { ${times(290, () => 'name')} }`)} }`;
    const { status, json } = await roomy.post({ query });
    expect([status, json.errors?.[0]?.extensions]).toEqual([
      413,
      { code: 'TOO_COMPLEX', limit: { name: 'comparisons', value: 500_001, maximum: 500_000 } },
    ]);
  });

  it('has no figure where none can be written', async () => {
    const bomb = `{ ...F0 } ${times(15, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F15 on Query { __typename }`;
    const { json } = await house.post({ query: bomb });
    expect(json.errors?.[0]?.extensions).toMatchObject({ limit: { name: 'fields', value: 32_768, maximum: 20 } });
  });
});

describe('what the limits leave alone', () => {
  const documents = [
    ...Object.entries(operations),
    ...EXAMPLES.map(({ query }, n) => [`example ${n}`, query] as const),
    ['introspection', getIntrospectionQuery({ directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true })],
  ] as const;

  it.each(documents)('is %s, several times over', (_name, document) => {
    const half = Object.fromEntries(Object.entries(DEFAULT_LIMITS).map(([name, value]) => [name, value * 0.7]));
    const parsed = typeof document === 'string' ? parse(document) : document;
    expect(() => verifyLimits(parsed, { ...DEFAULT_LIMITS, ...half })).not.toThrow();
  });
});

describe('what is not served', () => {
  it.each([
    ['defer', '{ people { ... @defer { name } } }'],
    ['stream', '{ people @stream(initialCount: 1) { name } }'],
  ])('is refused by its name: @%s', async (name, query) => {
    const { status, json } = await house.post(
      { query },
      { accept: 'multipart/mixed; deferSpec=20220824, application/json' },
    );
    expect(status).toBe(200);
    expect(json.errors?.[0]).toMatchObject({
      message: `@${name} is not served: answers come whole. Leave the directive out.`,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('is a list of requests', async () => {
    const { status, json } = await house.post([{ query: '{ whoAsks }' }]);
    expect([status, json.errors?.[0]?.message]).toEqual([
      400,
      'One request at a time: a list of them is not taken here.',
    ]);
  });

  it('is a file in a form', async () => {
    const form = new FormData();
    form.set('operations', '{"query":"{ whoAsks }"}');
    form.set('0', new Blob(['x']), 'x.png');
    const answer = await fetch(`${house.url}/graphql`, { method: 'POST', body: form });
    const text = await answer.text();
    expect([answer.status, text]).toEqual([400, expect.stringContaining('Send the form of createUpload to its url')]);
    expect(text).toContain('BAD_USER_INPUT');
  });

  it('is a body over its limit, whose length is told', async () => {
    const { status, json } = await house.post(JSON.stringify({ query: `{ whoAsks } #${'x'.repeat(600_000)}` }));
    expect(status).toBe(413);
    expect(json.errors?.[0]?.extensions).toEqual({
      code: 'TOO_COMPLEX',
      limit: { name: 'bytes', value: 600_025, maximum: 524_288 },
    });
  });
});
