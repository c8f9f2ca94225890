import type { Row, World } from './world.ts';

const rowsOf = (typename: string, rows: readonly object[]): Row[] =>
  rows.map((row) => ({ __typename: typename, ...row }) as Row);
const by = (rows: readonly Row[]) => (id: unknown) => rows.find((row) => row['id'] === id) ?? null;

const stalls = rowsOf('Stall', [
  { id: 's1', row: 1, seat: 1, keeper: 'n1', goods: ['g1', 'g2'] },
  { id: 's2', row: 1, seat: 2, keeper: null, goods: [] },
  { id: 's3', row: 2, seat: 1, keeper: 'n2', goods: ['g2', 'g2', 'g3'] },
]);
const goods = rowsOf('Good', [
  { id: 'g1', name: 'salt', price: { cents: 120, unit: 'KG' }, stall: 's1' },
  { id: 'g2', name: null, price: { cents: 80, unit: null }, stall: 's3' },
  { id: 'g3', name: 'wool', price: null, stall: null },
]);
const keepers = rowsOf('Keeper', [
  { id: 'n1', name: 'Ada', grade: 3, friends: ['n2', 'n1'] },
  { id: 'n2', name: 'Bo', grade: null, friends: [] },
]);
const [stall, good, keeper] = [by(stalls), by(goods), by(keepers)];

/** Fields of one subgraph each, and objects known to several by a key of leaves: nearly everything is planned without a search. */
export const market: World = {
  name: 'a market',
  whole: `
    type Query { stalls: [Stall!]!  stall(id: ID!): Stall  grid: [[Stall]]  goods(above: Int = 0): [Good!]!  busiest: Stall  keeper(id: ID = "n1"): Keeper hasOwnProperty(toString: Int): Keeper }
    type Mutation { open(id: ID!): Stall  praise(id: ID!): Keeper }
    type Stall { id: ID! row: Int! seat: Int! keeper: Keeper goods: [Good!]! takings(days: Int = 7): Int visits: Int! }
    type Good { id: ID! name: String price: Price stall: Stall stock(at: ID): Int sellers: [Keeper!]! }
    type Keeper { id: ID! name: String! grade: Int friends: [Keeper!]! mentor: Keeper wage: Price constructor: Stall toString: String valueOf: Int! }
    type Price { cents: Int! unit: Unit }
    enum Unit { KG PIECE }
  `,
  subgraphs: {
    square: `
      type Query { stalls: [Stall!]!  stall(id: ID!): Stall  grid: [[Stall]] }
      type Mutation { open(id: ID!): Stall }
      type Stall @key(fields: "id") @key(fields: "row seat") { id: ID! row: Int! seat: Int! keeper: Keeper goods: [Good!]! visits: Int! @shareable }
      type Keeper @key(fields: "id") { id: ID! constructor: Stall }
      type Good @key(fields: "id", resolvable: false) { id: ID! }
    `,
    people: `
      type Query { keeper(id: ID = "n1"): Keeper hasOwnProperty(toString: Int): Keeper }
      type Mutation { praise(id: ID!): Keeper }
      type Keeper @key(fields: "id") { id: ID! name: String! grade: Int friends: [Keeper!]! mentor: Keeper @shareable }
    `,
    scales: `
      type Query { goods(above: Int = 0): [Good!]!  busiest: Stall }
      type Good @key(fields: "id") { id: ID! name: String price: Price stock(at: ID): Int sellers: [Keeper!]!
        stall: Stall @provides(fields: "visits") }
      type Stall @key(fields: "row seat") { row: Int! seat: Int! visits: Int! @external }
      type Keeper @key(fields: "id") { id: ID! }
      type Price @shareable { cents: Int! unit: Unit }
      enum Unit { KG PIECE }
    `,
    purse: `
      type Stall @key(fields: "id") { id: ID! takings(days: Int = 7): Int }
      type Keeper @key(fields: "id") { id: ID! wage: Price mentor: Keeper @shareable toString: String valueOf: Int! }
      type Price @shareable { cents: Int! unit: Unit }
      enum Unit { KG PIECE }
    `,
  },
  rows: [...stalls, ...goods, ...keepers],
  fields: {
    'Query.stalls': () => stalls,
    'Query.stall': (_, { id }) => stall(id),
    'Query.grid': () => [[stall('s3'), null], null, [], [stall('s1'), stall('s2'), stall('s1')]],
    'Query.goods': (_, { above }) => goods.filter(({ price }) => centsOf(price) >= Number(above)),
    'Query.busiest': () => stall('s3'),
    'Query.keeper': (_, { id }) => keeper(id),
    'Query.hasOwnProperty': (_, args) =>
      Object.hasOwn(args, 'toString') && Number(args['toString']) === 1 ? null : keeper('n2'),
    'Mutation.open': (_, { id }) => stall(id),
    'Mutation.praise': (_, { id }) => keeper(id),
    'Stall.keeper': ({ keeper: id }) => keeper(id),
    'Stall.goods': ({ goods: ids }) => (ids as string[]).map(good),
    'Stall.takings': ({ id }, { days }) => (id === 's2' ? null : Number(days) * 100),
    'Stall.visits': ({ row, seat }) => Number(row) * 10 + Number(seat),
    'Good.stall': ({ stall: id }) => stall(id),
    'Good.stock': ({ id }, { at }) => (at === null || at === undefined ? null : `${String(id)}${String(at)}`.length),
    'Good.sellers': ({ id }) => (id === 'g3' ? [] : keepers),
    'Keeper.friends': ({ friends }) => (friends as string[]).map(keeper),
    'Keeper.mentor': ({ grade }) => (grade === null ? keeper('n1') : null),
    'Keeper.constructor': ({ id }) => (id === 'n1' ? stall('s1') : null),
    'Keeper.toString': ({ id }) => (id === 'n1' ? 'Ada!' : null),
    'Keeper.valueOf': ({ id }) => String(id).length,
    'Keeper.wage': ({ grade }) => (grade === null ? null : { cents: Number(grade) * 1_000, unit: 'PIECE' }),
  },
};

function centsOf(price: unknown): number {
  return typeof price === 'object' && price && 'cents' in price ? Number(price.cents) : 0;
}
