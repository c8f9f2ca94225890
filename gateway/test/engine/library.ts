import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, type ExecutionResult, execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import { createEngine, createHivePlanner, type Engine, type Transport } from '../../src/engine/index.ts';

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

/** A fetch, as a subgraph got it. */
export interface Call {
  readonly service: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

function subgraphSchemas() {
  const { Query, Mutation, Work, Hit } = RESOLVERS;
  const { works, work: one, books, search, me, users, rate } = Query;
  return {
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
}

/** The engine over a catalogue, its people and their shipping. */
export interface Library {
  readonly engine: Engine<null>;
  readonly calls: Call[];
  /** What a subgraph answers instead, by its name. */
  readonly fail: Record<string, () => ExecutionResult>;
}

export function openLibrary(): Library {
  const calls: Call[] = [];
  const fail: Library['fail'] = {};
  count = 0;
  const composed = composeServices([
    { name: 'catalogue', typeDefs: parse(catalogue), url: '' },
    { name: 'people', typeDefs: parse(people), url: '' },
    { name: 'shipping', typeDefs: parse(shipping), url: '' },
  ]);
  if (composed.errors) throw new Error(composed.errors.join('\n'));
  const transports = Object.fromEntries(
    Object.entries(subgraphSchemas()).map(([service, schema]): [string, Transport<null>] => [
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
  return {
    engine: createEngine({ supergraphSdl, planner: createHivePlanner(supergraphSdl), transports }),
    calls,
    fail,
  };
}

/** The same as one schema. */
export function wholeLibrary(): GraphQLSchema {
  const whole = buildSchema(monolith);
  for (const [name, fields] of Object.entries({ ...RESOLVERS, ...FIELDS })) {
    for (const [field, resolve] of Object.entries(fields)) {
      const type = whole.getType(name);
      if (type && 'getFields' in type && field !== '__resolveType')
        Object.assign(type.getFields()[field] ?? {}, { resolve });
      else if (type) Object.assign(type, { resolveType: resolve });
    }
  }
  return whole;
}
