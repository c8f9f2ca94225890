import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../compose.ts';
import { createHivePlanner } from '../../engine/index.ts';
import { publicSchema } from '../../engine/public-schema.ts';
import { createCosts } from './cost.ts';
import { ANYBODYS_COST_RULES, type CostRules } from './rules.ts';

const link = (imports: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", ${imports}])\n`;

const SHOP = `
  type Query {
    books(max: Int): [Book!]! @listSize(slicingArguments: ["max"], requireOneSlicingArgument: true)
    shelf(filter: Filter = { max: 3 }): [Book]
    latest: [Book!] @listSize(assumedSize: 7)
    page(first: Int = 20, after: String): BookConnection
    sized(first: Int, last: Int): BookConnection
      @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false, assumedSize: 4)
    grid: [[Book]]
    search: [Found!]!
    node: Node
    report(of: Int @cost(weight: 2), by: Filter): Report @cost(weight: 50)
    tags: [String!]!
  }
  type Mutation { write(text: String): Book }
  input Filter { max: Int  deep: Int @cost(weight: 4) }
  interface Node { id: ID! friends: [Node!]! }
  union Found = Book | Person
  type Book implements Node @key(fields: "id") { id: ID! title: String! friends: [Node!]! authors: [Person!]! price: Money }
  type Person implements Node @key(fields: "id") @cost(weight: 3) { id: ID! name: String! friends: [Node!]! }
  type Report { lines: [String!]! } 
  scalar Money @cost(weight: 5)
  type BookConnection { edges: [BookEdge!]! nodes: [Book!]! pageInfo: PageInfo! }
  type BookEdge { node: Book! cursor: String! }
  type PageInfo { hasNextPage: Boolean! }
`;

/** Composition takes no slicing argument within another; the specification, and other composers, do. */
const supergraph = (sdl: string) =>
  composeSupergraph({ shop: sdl }).replace(
    /shelf\([^)]*\): \[Book\]/,
    '$& @listSize(slicingArguments: ["filter.max"])',
  );
const costsOf = (sdl: string, rules: Partial<CostRules> = {}) =>
  createCosts(sdl, publicSchema(createHivePlanner(sdl).publicSdl), { ...ANYBODYS_COST_RULES, ...rules });
const SDL = supergraph(link('"@cost", "@listSize"') + SHOP);
const costs = costsOf(SDL);
const costOf = (query: string, name?: string) => {
  const found = costs(parse(query), name);
  if (!found) throw new Error('There is no such operation.');
  return found;
};
const estimate = (query: string, variables: Record<string, unknown> = {}) => costOf(query).estimate(variables);

describe('the estimated cost', () => {
  it.each([
    ['an object is one', '{ node { id } }', 3],
    ['a scalar is nothing, whatever its list', '{ tags }', 0],
    ['as many as the slicing argument says', '{ books(max: 5) { title } }', 5],
    ['an argument within an input object', '{ shelf(filter: { max: 6 }) { title } }', 5 + 6],
    ['the default of an argument that is left out', '{ shelf { title } }', 3],
    ['the size that is assumed', '{ latest { title } }', 7],
    ['the usual size where nothing is said', '{ latest { authors { name } } }', 7 * (1 + 10 * 3)],
    ['a connection tells the length of its edges', '{ page(first: 3) { edges { node { title } } } }', 1 + 3 * 2],
    ['and of its nodes, by default', '{ page { nodes { title } pageInfo { hasNextPage } } }', 1 + 20 + 1],
    [
      'fields that a directive sizes',
      '{ sized(first: 2, last: 6) { edges { node { id } } nodes { id } } }',
      1 + 6 * 2 + 6,
    ],
    ['the assumed size of what nobody slices', '{ sized { nodes { id } } }', 1 + 4],
    ['lists within lists', '{ grid { id } }', 100],
    ['the weight of a type', '{ search { ... on Person { name } } }', 10 * 3],
    ['the dearest of a union', '{ search { ... on Book { authors { name } } ... on Person { name } } }', 10 * (3 + 30)],
    ['the weight of a scalar', '{ latest { price } }', 7 * 6],
    ['the weight of a field over its type', '{ report { lines } }', 50],
    ['the weight of arguments that are given', '{ report(of: 1, by: {}) { lines } }', 50 + 2 + 1 + 4],
    ['a mutation works whatever it gives', 'mutation { write { id } }', 10 + 1],
    ['one field that is selected twice', '{ latest { title } ...F } fragment F on Query { latest { id } }', 7],
    ['two aliases', '{ a: latest { id } b: latest { id } }', 14],
    ['nothing of the schema', '{ __schema { types { fields { name } } } __typename }', 0],
    ['nothing that is skipped', '{ latest @skip(if: true) { id } books(max: 2) @include(if: false) { id } }', 0],
  ])('counts %s', (_name, query, cost) => {
    expect(estimate(query)).toBe(cost);
  });

  it('follows the variables of each request, and their defaults', () => {
    const query =
      'query ($n: Int = 4, $f: Filter, $all: Boolean = false) { books(max: $n) { id } shelf(filter: $f) @include(if: $all) { id } }';
    const cost = costOf(query);
    expect([{}, { n: 9 }, { n: null }, { n: 'x' }, { n: 0 }].map((each) => cost.estimate(each))).toEqual([
      4, 9, 10, 10, 0,
    ]);
    expect(cost.estimate({ all: true })).toBe(4 + 5 + 3);
    expect(cost.estimate({ all: true, f: { max: 8 } })).toBe(4 + 5 + 8);
  });

  it('takes a length below nothing for none that is given', () => {
    expect(estimate('{ books(max: -3) { id } }')).toBe(10);
    expect(estimate('{ page(first: -3) { nodes { id } } }')).toBe(1 + 20);
    expect(estimate('query ($n: Int) { page(first: $n) { nodes { id } } }', { n: -3 })).toBe(1 + 20);
    expect(estimate('query ($n: Int = -3) { page(first: $n) { nodes { id } } }')).toBe(1 + 20);
  });

  it('has the default of a condition only where it is left out', () => {
    const query = 'query ($x: Boolean = true) { books(max: 200) @skip(if: $x) { id } }';
    expect([{}, { x: true }, { x: false }, { x: null }].map((each) => estimate(query, each))).toEqual([0, 0, 200, 200]);
  });

  it.each(['constructor', 'toString', 'valueOf', '__proto__'])(
    'knows nothing of a variable $%s before it is given',
    (name) => {
      expect(estimate(`query ($${name}: Boolean = true) { books(max: 7) @include(if: $${name}) { id } }`)).toBe(7);
      expect(estimate(`query ($${name}: Int = 9) { books(max: $${name}) { id } }`)).toBe(9);
      expect(estimate(`query ($${name}: Int) { shelf(filter: { max: $${name} }) { id } }`)).toBe(3 + 5);
      expect(estimate(`query ($${name}: Filter) { shelf(filter: $${name}) { id } }`)).toBe(3 + 5);
    },
  );

  it('takes no page for larger than pages are', () => {
    const bounded = costsOf(SDL, { largestPage: 200 })(parse('{ page(first: 1000000) { nodes { id } } }'), undefined);
    expect(bounded?.estimate({})).toBe(201);
  });

  it('is worked out at once for types within themselves, however deep', () => {
    const deep = `{ node ${'{ friends { ...on Book { id } ...on Person { id } friends '.repeat(8)} { id } ${'} }'.repeat(8)} }`;
    const from = performance.now();
    expect(estimate(deep)).toBeGreaterThan(1e16);
    expect(performance.now() - from).toBeLessThan(500);
  });

  it.each(['{ books { id } }', '{ page { edges { node { id } } } books { id } }'])(
    'is refused where a list wants one slicing argument: %s',
    (query) => {
      expect(() => costOf(query)).toThrowError('books takes exactly one of the arguments max, and here has 0.');
    },
  );

  it.each([
    ['renamed', '{ name: "@cost", as: "@price" }, "@listSize"', (sdl: string) => sdl.replaceAll('@cost', '@price')],
    [
      'not imported',
      '"@tag"',
      (sdl: string) => sdl.replaceAll('@cost', '@federation__cost').replaceAll('@listSize', '@federation__listSize'),
    ],
  ])('reads directives that are %s', (_name, imports, rename) => {
    const found = costsOf(supergraph(link(imports) + rename(SHOP)));
    expect(found(parse('{ latest { price } report { lines } }'), undefined)?.estimate({})).toBe(7 * 6 + 50);
  });
});

describe('a maximum', () => {
  it('is held, and says what is too dear', () => {
    const { verify } = costsOf(SDL, { maximum: 100 })(
      parse('query ($n: Int) { latest { id } page(first: $n) { edges { node { authors { name } } } } }'),
      undefined,
    ) ?? { verify: () => 0 };
    expect(verify({ n: 2 })).toBe(7 + 1 + 2 * (1 + 1 + 30));
    expect(() => verify({ n: 3 })).toThrowError(
      expect.objectContaining({
        message: 'A document has at most 100 points of estimated cost; this one has 104 (at page.edges.node.authors).',
        extensions: {
          code: 'TOO_COMPLEX',
          limit: { name: 'cost', value: 104, maximum: 100, path: ['page', 'edges', 'node', 'authors'] },
        },
      }),
    );
  });
});

describe('the actual cost', () => {
  it('counts what came, not what might have', () => {
    const cost = costOf(
      '{ page(first: 200) { edges { node { title authors { name } } } } search { ... on Book { id } ... on Person { name } } }',
    );
    const node = { title: 'x', authors: [{ name: 'a' }, { name: 'b' }] };
    expect(cost.count({ page: { edges: [{ node }, { node: null }] }, search: [{ id: '1' }, { name: 'p' }] })).toBe(
      1 + (1 + 1 + 6) + 1 + (3 + 3),
    );
    expect(cost.count({ page: null })).toBe(0);
    expect(cost.count(null)).toBe(0);
  });
});
