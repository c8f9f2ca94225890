import { execute, parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Library, openLibrary, wholeLibrary } from './library.ts';

describe('the engine', () => {
  let engine: Library['engine'];
  let calls: Library['calls'];
  let fail: Library['fail'];
  beforeEach(() => {
    ({ engine, calls, fail } = openLibrary());
  });

  const whole = wholeLibrary();
  const expected = (query: string, variables: Record<string, unknown>) =>
    execute({ schema: whole, document: parse(query), variableValues: variables });
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

  const QUERIES: [string, string, Record<string, unknown>?][] = [
    ['fields of one subgraph, with aliases', '{ works(first: 2) { key: id heading: title } }'],
    ['entities of another subgraph', '{ works { title author { name } } }'],
    [
      'an abstract type with fragments',
      '{ works { __typename ... on Book { pages inStock } ... on Film { minutes } } }',
    ],
    ['a union', '{ search(text: "x") { __typename ... on Work { title author { name } } ... on Film { minutes } } }'],
    ['a field that requires another subgraph first', '{ works { author { shipping fast: shipping(express: true) } } }'],
    ['lists with holes', '{ books { title inStock copies { id holder { name shipping } } } }'],
    [
      'what is included and skipped by variable',
      'query ($a: Boolean!, $b: Boolean!) { me { name @include(if: $a) friends @skip(if: $b) { name } } }',
      { a: true, b: false },
    ],
    [
      'the same, the other way',
      'query ($a: Boolean!, $b: Boolean!) { me { name @include(if: $a) id friends @skip(if: $b) { name } } }',
      { a: false, b: true },
    ],
    [
      'named fragments, and the same field twice',
      'query { works { ...W author { zip } } } fragment W on Work { id author { name } }',
    ],
    ['variables with defaults', 'query ($n: Int = 1) { works(first: $n) { id } }'],
    ['nothing found', '{ work(id: "none") { title author { name } } }'],
    ['several roots', '{ me { name } rate(zip: "7") work(id: "b1") { title } __typename }'],
    ['nested entities', '{ users { friends { friends { name shipping } } } }'],
  ];
  it.each(QUERIES)('answers like one schema over the same data: %s', async (_name, query, variables = {}) => {
    const got = await engine.execute({ document: parse(query), variables, context: null });
    expect(plain(got)).toEqual(plain(await expected(query, variables)));
  });

  it('runs mutations in their order', async () => {
    const got = await engine.execute({
      document: parse(
        'mutation { a: counter b: counter rename(id: "b1", title: "New") { title inStock author { name } } }',
      ),
      context: null,
    });
    expect(plain(got)).toEqual({
      data: { a: 1, b: 2, rename: { title: 'New', inStock: true, author: { name: 'Ada' } } },
    });
  });

  it('sends each representation once', async () => {
    await engine.execute({ document: parse('{ works { author { name } } }'), context: null });
    const [, entities] = calls;
    expect(entities?.variables['representations']).toEqual([
      { __typename: 'User', id: 'u1' },
      { __typename: 'User', id: 'u2' },
    ]);
  });

  it('completes each event of a stream from the other subgraphs', async () => {
    const stream = await engine.subscribe({
      document: parse('subscription { workChanged { title author { name } } }'),
      context: null,
    });
    const seen: unknown[] = [];
    if (Symbol.asyncIterator in stream) for await (const event of stream) seen.push(plain(event.data));
    expect(seen).toEqual([
      { workChanged: { title: 'Notes', author: { name: 'Ada' } } },
      { workChanged: { title: 'Compilers', author: { name: 'Grace' } } },
      { workChanged: { title: 'Engine', author: { name: 'Ada' } } },
    ]);
  });

  it('answers about the schema without asking a subgraph', async () => {
    const got = await engine.execute({
      document: parse('{ __schema { queryType { name } } __type(name: "User") { name } }'),
      context: null,
    });
    expect(plain(got)).toEqual({ data: { __schema: { queryType: { name: 'Query' } }, __type: { name: 'User' } } });
    expect(calls).toEqual([]);
    expect(Object.keys(engine.schema.getTypeMap()).filter((name) => name.startsWith('join__'))).toEqual([]);
  });

  it('leaves out what a failing subgraph owes, and nothing else', async () => {
    fail['shipping'] = () => {
      throw new Error('connection refused to 10.0.0.7');
    };
    const got = await engine.execute({ document: parse('{ me { name shipping } }'), context: null });
    expect(plain(got.data)).toEqual({ me: { name: 'Ada', shipping: null } });
    expect(got.errors).toHaveLength(1);
    expect(plain(got.errors?.[0])).toMatchObject({
      path: ['me', 'shipping'],
      extensions: { code: 'UPSTREAM_UNAVAILABLE' },
    });
    expect(JSON.stringify(got)).not.toContain('10.0.0.7');
  });

  it("puts an entity's error where the client sees the entity", async () => {
    fail['people'] = () => ({
      data: { _entities: [null, { name: 'Grace' }] },
      errors: [{ message: 'No.', path: ['_entities', 0, 'name'], extensions: { code: 'FORBIDDEN' } } as never],
    });
    const got = await engine.execute({ document: parse('{ books { title author { name } } }'), context: null });
    expect(plain(got)).toEqual({
      data: { books: [null, null, { title: 'Compilers', author: { name: 'Grace' } }] },
      errors: [{ message: 'No.', path: ['books', 0, 'author', 'name'], extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('refuses an answer that is none', async () => {
    fail['people'] = () => '<html>' as never;
    const got = await engine.execute({ document: parse('{ me { name } }'), context: null });
    expect(plain(got)).toMatchObject({ data: { me: null }, errors: [{ message: expect.stringContaining('people') }] });
  });

  it('names the variable that does not fit', async () => {
    const got = await engine.execute({
      document: parse('query ($n: Int!) { works(first: $n) { id } }'),
      variables: { n: 'many' },
      context: null,
    });
    expect(got.errors?.[0]?.message).toContain('$n');
    expect(got.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });
});
