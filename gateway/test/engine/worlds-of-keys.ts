import type { Row, World } from './world.ts';

const rowsOf = (typename: string, rows: readonly object[]): Row[] =>
  rows.map((row) => ({ __typename: typename, ...row }) as Row);
const by = (rows: readonly Row[]) => (id: unknown) => rows.find((row) => row['id'] === id) ?? null;

const parcels = rowsOf('Parcel', [
  { id: 'k1', code: 'c1', place: { town: 't1', box: 1 }, tags: ['x', 'y'], grams: 10, to: 'k2', route: ['k2', 'k3'] },
  { id: 'k2', code: 'c2', place: { town: 't1', box: 2 }, tags: [], grams: null, to: null, route: [] },
  { id: 'k3', code: 'c3', place: { town: 't2', box: 1 }, tags: ['z'], grams: 30, to: 'k1', route: ['k1', 'k1', 'k2'] },
]);
const parcel = by(parcels);

/** Keys of every make, each known to two subgraphs at most: simple, several, compound, nested, and chains from one to the next. */
export const post: World = {
  name: 'a post office',
  whole: `
    type Query { parcel(id: ID!): Parcel  parcels: [Parcel!]!  coded(code: String = "c1"): Parcel  boxed: [[Parcel]] }
    type Parcel { id: ID! code: String! place: Place! tags: [String!]! grams: Int to: Parcel route: [Parcel!]!
      price(fast: Boolean = false): Int! label(size: Size! = { w: 1 }): String shelf: String! sibling: Parcel stamp: Stamp }
    type Place { town: String! box: Int! }
    type Stamp { value: Int! on: Parcel }
    input Size { w: Int! h: Int = 2 unit: Unit = MM }
    enum Unit { MM CM }
  `,
  subgraphs: {
    counter: `
      type Query { parcel(id: ID!): Parcel  parcels: [Parcel!]! }
      type Parcel @key(fields: "id") @key(fields: "code") @key(fields: "id code") { id: ID! code: String! to: Parcel tags: [String!]! @shareable }
    `,
    sorting: `
      type Query { coded(code: String = "c1"): Parcel }
      type Parcel @key(fields: "code") @key(fields: "place { town box }") { code: String! place: Place! @shareable route: [Parcel!]! grams: Int }
      type Place @shareable { town: String! box: Int! }
    `,
    shelves: `
      type Query { boxed: [[Parcel]] }
      type Parcel @key(fields: "place { town box }") { place: Place! @shareable shelf: String! sibling: Parcel }
      type Place @shareable { town: String! box: Int! }
    `,
    prices: `
      type Parcel @key(fields: "code") { code: String!
        price(fast: Boolean = false): Int!
        label(size: Size! = { w: 1 }): String stamp: Stamp tags: [String!]! @external }
      type Stamp { value: Int! on: Parcel @provides(fields: "tags") }
      input Size { w: Int! h: Int = 2 unit: Unit = MM }
      enum Unit { MM CM }
    `,
  },
  rows: parcels,
  fields: {
    'Query.parcel': (_, { id }) => parcel(id),
    'Query.parcels': () => parcels,
    'Query.coded': (_, { code }) => parcels.find((row) => row['code'] === code) ?? null,
    'Query.boxed': () => [[parcel('k3'), null], null, [], [parcel('k1'), parcel('k2'), parcel('k1')]],
    'Parcel.to': ({ to }) => parcel(to),
    'Parcel.route': ({ route }) => (route as string[]).map(parcel),
    'Parcel.shelf': ({ place }) => `${(place as { town: string }).town}!`,
    'Parcel.sibling': ({ place }) =>
      parcels.find((row) => JSON.stringify(row['place']) !== JSON.stringify(place)) ?? null,
    'Parcel.price': ({ grams }, { fast }) => Number(grams ?? 5) * 10 + (fast ? 1_000 : 0),
    'Parcel.label': ({ code }, { size }) => `${String(code)} ${JSON.stringify(size)}`,
    'Parcel.stamp': ({ id }) => (id === 'k2' ? null : { value: 5, about: id }),
    'Stamp.on': ({ about }) => parcel(about),
  },
};

const stories = [
  ...rowsOf('Article', [
    { id: 's1', head: 'Sun', words: 100, section: 'NEWS', by: 'w1', mood: 'GLAD', body: { text: 'a', lang: 'en' } },
    { id: 's2', head: 'Rain', words: null, section: 'SPORT', by: 'w2', mood: null, body: null },
  ]),
  ...rowsOf('Cartoon', [{ id: 's3', head: 'Cat', panels: 3, section: 'NEWS', by: 'w1', mood: 'SAD', body: null }]),
];
const story = by(stories);
const writers = rowsOf('Writer', [
  { id: 'w1', name: 'Wu', desk: 'd1', since: 1990 },
  { id: 'w2', name: 'Xi', desk: null, since: null },
]);
const writer = by(writers);
const agencies = rowsOf('Agency', [{ id: 'g1', name: 'Press', seat: 'Oslo' }]);
const sourceOf = (row: Row) => (row['section'] === 'SPORT' ? agencies[0] : writer(row['by']));
const front = { lead: 's1', paper: 'The Day', pages: 12, weather: { high: 20, low: 10, wind: null } };

/** Fields that moved (@override), roots and values that several subgraphs share in part, hidden keys, @provides into a union. */
export const press: World = {
  name: 'a newspaper',
  whole: `
    type Query { front: Front!  stories(section: Section): [Story!]!  story(id: ID!): Story  sources: [Source]  any: [Printed!] }
    type Front { lead: Story paper: String! pages: Int weather: Weather! }
    type Weather { high: Int low: Int wind: String }
    interface Story { id: ID! head: String! section: Section source: Source }
    interface Signed { by: Writer! }
    union Source = Writer | Agency
    union Printed = Article | Cartoon | Writer
    enum Section { NEWS SPORT }
    enum Mood { GLAD SAD }
    type Article implements Story & Signed { id: ID! head: String! section: Section source: Source by: Writer! words: Int mood: Mood body: Body fit: Boolean! }
    type Cartoon implements Story & Signed { id: ID! head: String! section: Section source: Source by: Writer! panels: Int! mood: Mood }
    type Body { text: String! lang: String }
    type Writer { id: ID! name: String! stories: [Story!]! years(to: Int! = 2000): Int }
    type Agency { id: ID! name: String! seat: String }
  `,
  subgraphs: {
    desk: `
      type Query { front: Front! @shareable  stories(section: Section): [Story!]!  any: [Printed!] }
      type Front @shareable { lead: Story paper: String! }
      interface Story { id: ID! head: String! section: Section source: Source }
      interface Signed { by: Writer! }
      union Source = Writer | Agency
      union Printed = Article | Cartoon | Writer
      enum Section { NEWS SPORT }
      type Article implements Story & Signed @key(fields: "id") { id: ID! head: String! section: Section source: Source @provides(fields: "... on Writer { name }") by: Writer! words: Int mood: Mood body: Body }
      type Cartoon implements Story & Signed @key(fields: "id") { id: ID! head: String! section: Section source: Source by: Writer! panels: Int! mood: Mood }
      enum Mood { GLAD SAD }
      type Body @shareable { text: String! lang: String }
      type Writer @key(fields: "id") { id: ID! name: String! @external }
      type Agency @key(fields: "id") { id: ID! }
    `,
    archive: `
      type Query { front: Front! @shareable  story(id: ID!): Story }
      type Front @shareable { paper: String! pages: Int weather: Weather! }
      type Weather @shareable { high: Int low: Int }
      interface Story { id: ID! }
      type Article implements Story @key(fields: "id") { id: ID! words: Int @override(from: "desk") mood: Mood @override(from: "desk", label: "percent(0)") body: Body @external fit: Boolean! @requires(fields: "body { text lang }") }
      type Cartoon implements Story @key(fields: "id") { id: ID! mood: Mood @override(from: "desk") }
      enum Mood { GLAD SAD }
      type Body @shareable { text: String! lang: String }
    `,
    people: `
      type Query { front: Front! @shareable  sources: [Source] }
      type Front @shareable { weather: Weather! }
      type Weather @shareable { low: Int wind: String }
      union Source = Writer | Agency
      type Writer @key(fields: "id") { id: ID! name: String! @shareable since: Int @inaccessible }
      type Agency @key(fields: "id") { id: ID! name: String! seat: String }
    `,
    history: `
      type Writer @key(fields: "id") { id: ID! since: Int @external stories: [Story!]! years(to: Int! = 2000): Int @requires(fields: "since") }
      interface Story { id: ID! }
      type Article implements Story @key(fields: "id") { id: ID! }
      type Cartoon implements Story @key(fields: "id") { id: ID! }
    `,
  },
  rows: [...stories, ...writers, ...agencies],
  fields: {
    'Query.front': () => front,
    'Query.stories': (_, { section }) => stories.filter((row) => !section || row['section'] === section),
    'Query.story': (_, { id }) => story(id),
    'Query.sources': () => [writer('w2'), null, agencies[0], writer('w1')],
    'Query.any': () => [...stories, ...writers],
    'Front.lead': ({ lead }) => story(lead),
    'Article.source': sourceOf,
    'Cartoon.source': sourceOf,
    'Article.by': ({ by: id }) => writer(id),
    'Cartoon.by': ({ by: id }) => writer(id),
    'Article.fit': ({ body }) => (body as { lang?: string } | null)?.lang === 'en',
    'Writer.stories': ({ id }) => stories.filter((row) => row['by'] === id),
    'Writer.years': ({ since }, { to }) => (since === null ? null : Number(to) - Number(since)),
  },
  required: ['Article.fit', 'Writer.years'],
};
