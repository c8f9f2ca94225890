import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, type ExecutionResult, execute, parse, subscribe } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, createHivePlanner, type Engine, type Transport } from './index.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@provides", "@shareable"])\n';

const USERS = [
  { id: 'u1', name: 'Ada', zip: '1010' },
  { id: 'u2', name: 'Grace', zip: '2020' },
];
const BOOKS = [
  { id: 'b1', kind: 'Book', title: 'Notes', author: 'u1', pages: 10 },
  { id: 'b2', kind: 'Book', title: 'Compilers', author: 'u2', pages: 20 },
  { id: 'f1', kind: 'Film', title: 'Engine', author: 'u1', minutes: 90 },
];

const catalogue = `${LINK}
  type Query { works(first: Int = 10): [Work!]!  work(id: ID!): Work  books: [Book]!  search(text: String!): [Hit!]! }
  type Mutation { rename(id: ID!, title: String!): Book  counter: Int! }
  type Subscription { workChanged: Work! }
  interface Work { id: ID! title: String! author: User! }
  union Hit = Book | Film
  type Book implements Work @key(fields: "id") { id: ID! title: String! author: User! pages: Int! }
  type Film implements Work @key(fields: "id") { id: ID! title: String! author: User! minutes: Int! }
  type User @key(fields: "id") { id: ID! }
`;
const people = `${LINK}
  type Query { me: User  users: [User!]! }
  type User @key(fields: "id") { id: ID! name: String! zip: String! friends: [User!]! }
`;
const shipping = `${LINK}
  type Query { rate(zip: String!): Int }
  type User @key(fields: "id") { id: ID! zip: String! @external shipping(express: Boolean = false): Int @requires(fields: "zip") }
  type Book @key(fields: "id") { id: ID! inStock: Boolean!  copies: [Copy!]! }
  type Copy @key(fields: "id") { id: ID! holder: User }
`;
const monolith = `
  type Query { works(first: Int = 10): [Work!]!  work(id: ID!): Work  books: [Book]!  search(text: String!): [Hit!]!  me: User  users: [User!]!  rate(zip: String!): Int }
  type Mutation { rename(id: ID!, title: String!): Book  counter: Int! }
  type Subscription { workChanged: Work! }
  interface Work { id: ID! title: String! author: User! }
  union Hit = Book | Film
  type Book implements Work { id: ID! title: String! author: User! pages: Int! inStock: Boolean! copies: [Copy!]! }
  type Film implements Work { id: ID! title: String! author: User! minutes: Int! }
  type User { id: ID! name: String! zip: String! friends: [User!]! shipping(express: Boolean = false): Int }
  type Copy { id: ID! holder: User }
`;

const work = (id: string) => BOOKS.find((item) => item.id === id);
const user = (id: string) => USERS.find((item) => item.id === id);
const ship = (zip: string, express: boolean) => Number(zip) * (express ? 2 : 1);
async function* changes() {
  for (const item of BOOKS) yield { workChanged: item };
}

let count = 0;
const typed = { __resolveType: (item: { kind: string }) => item.kind };
const RESOLVERS = {
  Query: {
    works: (_: unknown, { first }: { first: number }) => BOOKS.slice(0, first),
    work: (_: unknown, { id }: { id: string }) => work(id) ?? null,
    books: () => [work('b1'), null, work('b2')],
    search: () => BOOKS,
    me: () => user('u1'),
    users: () => USERS,
    rate: (_: unknown, { zip }: { zip: string }) => ship(zip, false),
  },
  Mutation: {
    rename: (_: unknown, { id, title }: { id: string; title: string }) => ({ ...work(id), title }),
    counter: () => (count += 1),
  },
  Work: typed,
  Hit: typed,
};
const author = ({ author: id }: { author: string }) => user(id);
const FIELDS = {
  Book: {
    author,
    inStock: ({ id }: { id: string }) => id === 'b1',
    copies: ({ id }: { id: string }) =>
      id === 'b1'
        ? [
            { id: 'c1', holder: 'u2' },
            { id: 'c2', holder: null },
          ]
        : [],
  },
  Film: { author },
  Copy: { holder: ({ holder }: { holder: string | null }) => (holder ? user(holder) : null) },
  User: {
    friends: ({ id }: { id: string }) => USERS.filter((other) => other.id !== id),
    shipping: ({ zip }: { zip: string }, { express }: { express: boolean }) => ship(zip, express),
  },
};

interface Call {
  readonly service: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

describe('the engine', () => {
  let engine: Engine<null>;
  let calls: Call[];
  let fail: Record<string, () => ExecutionResult>;

  beforeEach(() => {
    calls = [];
    fail = {};
    count = 0;
    const { Query, Mutation, Work, Hit } = RESOLVERS;
    const { works, work: one, books, search, me, users, rate } = Query;
    const schemas = {
      catalogue: buildSubgraphSchema([
        {
          typeDefs: parse(catalogue),
          resolvers: {
            Query: { works, work: one, books, search },
            Mutation,
            Subscription: { workChanged: { subscribe: changes } },
            Work,
            Hit,
            Book: { author, __resolveReference: ({ id }: { id: string }) => work(id) },
            Film: { author, __resolveReference: ({ id }: { id: string }) => work(id) },
          },
        },
      ]),
      people: buildSubgraphSchema([
        {
          typeDefs: parse(people),
          resolvers: {
            Query: { me, users },
            User: { friends: FIELDS.User.friends, __resolveReference: ({ id }: { id: string }) => user(id) },
          },
        },
      ]),
      shipping: buildSubgraphSchema([
        {
          typeDefs: parse(shipping),
          resolvers: {
            Query: { rate },
            User: { shipping: FIELDS.User.shipping },
            Book: {
              inStock: FIELDS.Book.inStock,
              copies: FIELDS.Book.copies,
              __resolveReference: (book: object) => book,
            },
            Copy: { holder: ({ holder }: { holder: string | null }) => (holder ? { id: holder } : null) },
          },
        },
      ]),
    };
    const composed = composeServices([
      { name: 'catalogue', typeDefs: parse(catalogue), url: '' },
      { name: 'people', typeDefs: parse(people), url: '' },
      { name: 'shipping', typeDefs: parse(shipping), url: '' },
    ]);
    if (composed.errors) throw new Error(composed.errors.join('\n'));
    const transports = Object.fromEntries(
      Object.entries(schemas).map(([service, schema]): [string, Transport<null>] => [
        service,
        {
          execute: async ({ query, variables }) => {
            calls.push({ service, query, variables });
            const broken = fail[service];
            if (broken) return broken();
            const result = await execute({ schema, document: parse(query), variableValues: { ...variables } });
            return JSON.parse(JSON.stringify(result)) as ExecutionResult;
          },
          subscribe: async ({ query, variables }) =>
            subscribe({ schema, document: parse(query), variableValues: { ...variables } }) as Promise<
              AsyncIterable<ExecutionResult>
            >,
        },
      ]),
    );
    const { supergraphSdl } = composed;
    engine = createEngine({ supergraphSdl, planner: createHivePlanner(supergraphSdl), transports });
  });

  const whole = buildSchema(monolith);
  for (const [name, fields] of Object.entries({ ...RESOLVERS, ...FIELDS })) {
    for (const [field, resolve] of Object.entries(fields)) {
      const type = whole.getType(name);
      if (type && 'getFields' in type && field !== '__resolveType')
        Object.assign(type.getFields()[field] ?? {}, { resolve });
      else if (type) Object.assign(type, { resolveType: resolve });
    }
  }
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
