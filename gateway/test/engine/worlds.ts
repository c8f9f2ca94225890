import type { Row, World } from './world.ts';

const rowsOf = (typename: string, rows: readonly object[]): Row[] =>
  rows.map((row) => ({ __typename: typename, ...row }) as Row);
const by = (rows: readonly Row[]) => (id: unknown) => rows.find((row) => row['id'] === id) ?? null;

const people = rowsOf('Person', [
  { id: 'p1', email: 'ada@x', name: 'Ada', zip: '10', city: 'London', nick: null },
  { id: 'p2', email: 'grace@x', name: 'Grace', zip: '20', city: 'New York', nick: 'Amazing' },
  { id: 'p3', email: 'edsger@x', name: 'Edsger', zip: '30', city: 'Austin', nick: null },
]);
const person = by(people);
const works = [
  ...rowsOf('Book', [
    {
      id: 'b1',
      title: 'Notes',
      author: 'p1',
      pages: 10,
      kind: 'PAPER',
      size: { w: 1, h: 2 },
      weight: 3,
      tags: ['a', 'b'],
    },
    { id: 'b2', title: 'Compilers', author: 'p2', pages: 20, kind: 'E', size: null, weight: 4, tags: [] },
    {
      id: 'b3',
      title: 'Goto',
      author: null,
      pages: null,
      kind: 'PAPER',
      size: { w: 3, h: null },
      weight: 5,
      tags: null,
    },
  ]),
  ...rowsOf('Film', [
    { id: 'f1', title: 'Engine', author: 'p1', minutes: 90, size: { w: 16, h: 9 } },
    { id: 'f2', title: 'Bug', author: 'p2', minutes: 5, size: null },
  ]),
];
const work = by(works);
const books = works.filter(({ __typename }) => __typename === 'Book');

/** Interfaces, unions, value types, lists in lists with holes, enums, @requires, @provides, arguments. */
export const shop: World = {
  name: 'a shop',
  whole: `
    type Query { works(first: Int = 3): [Work!]!  work(id: ID!): Work  shelves: [[Book]!]!  hits(text: String): [Hit]!
      me: Person  people(ids: [ID!]): [Person]!  rate(zip: String!): Int }
    type Mutation { rename(id: ID!, title: String!): Book  count(by: Int! = 1): Int! }
    type Subscription { changed: Work! }
    interface Work { id: ID! title: String! author: Person size: Size }
    union Hit = Book | Film | Person
    enum Kind { PAPER E }
    type Size { w: Int! h: Int }
    type Book implements Work { id: ID! title: String! author: Person size: Size pages: Int kind: Kind tags: [String!] weight: Int! inStock: Boolean! postage(express: Boolean = false): Int! reviews(first: Int = 2): [Review!]! }
    type Film implements Work { id: ID! title: String! author: Person size: Size minutes: Int! reviews(first: Int = 2): [Review!]! }
    type Person { id: ID! email: String! name: String! nick: String zip: String! city: String friends: [Person!]! works: [Work!]! shipping(express: Boolean = false): String! label: String }
    type Review { id: ID! stars: Int! by: Person }
  `,
  subgraphs: {
    catalogue: `
      type Query { works(first: Int = 3): [Work!]!  work(id: ID!): Work  shelves: [[Book]!]!  hits(text: String): [Hit]! }
      type Mutation { rename(id: ID!, title: String!): Book  count(by: Int! = 1): Int! }
      type Subscription { changed: Work! }
      interface Work { id: ID! title: String! author: Person size: Size }
      union Hit = Book | Film | Person
      enum Kind { PAPER E }
      type Size @shareable { w: Int! h: Int }
      type Book implements Work @key(fields: "id") { id: ID! title: String! author: Person @provides(fields: "name") size: Size pages: Int kind: Kind tags: [String!] weight: Int! }
      type Film implements Work @key(fields: "id") { id: ID! title: String! author: Person size: Size minutes: Int! }
      type Person @key(fields: "id") { id: ID! name: String! @external works: [Work!]! }
    `,
    people: `
      type Query { me: Person  people(ids: [ID!]): [Person]! }
      type Person @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String! @shareable nick: String zip: String! city: String friends: [Person!]! }
    `,
    shipping: `
      type Query { rate(zip: String!): Int }
      type Person @key(fields: "id") { id: ID! zip: String! @external city: String @external shipping(express: Boolean = false): String! @requires(fields: "zip city") }
      type Book @key(fields: "id") { id: ID! weight: Int! @external size: Size @external inStock: Boolean! postage(express: Boolean = false): Int! @requires(fields: "weight size { w h }") }
      type Size @shareable { w: Int! h: Int }
    `,
    reviews: `
      type Book @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review!]! }
      type Film @key(fields: "id") { id: ID! reviews(first: Int = 2): [Review!]! }
      union Reviewed = Book | Film
      type Review @key(fields: "id") { id: ID! stars: Int! by: Person }
      type Person @key(fields: "id") { id: ID! }
    `,
    labels: `type Person @key(fields: "email") { email: String! label: String }`,
  },
  rows: [...people, ...works],
  fields: {
    'Query.works': (_, { first }) => works.slice(0, Number(first)),
    'Query.work': (_, { id }) => work(id),
    'Query.shelves': () => [[work('b1'), null, work('b2')], [], [work('b3'), work('b1')]],
    'Query.hits': () => [work('f1'), null, person('p2'), work('b2')],
    'Query.me': () => person('p1'),
    'Query.people': (_, { ids }) => (Array.isArray(ids) ? ids.map(person) : people),
    'Query.rate': (_, { zip }) => (Number(zip) > 15 ? Number(zip) : null),
    'Mutation.rename': (_, { id, title }) => (by(books)(id) ? { ...work(id), title } : null),
    'Mutation.count': (_, { by: step }) => step,
    'Subscription.changed': async function* changed() {
      yield* works;
    },
    'Book.author': ({ author }) => person(author),
    'Film.author': ({ author }) => person(author),
    'Person.friends': ({ id }) => people.filter((other) => other['id'] !== id),
    'Person.works': ({ id }) => works.filter(({ author }) => author === id),
    'Person.label': ({ email }) => (email === 'grace@x' ? null : `<${email}>`),
    'Person.shipping': ({ zip, city }, { express }) => `${zip} ${city}${express ? '!' : ''}`,
    'Book.inStock': ({ id }) => id === 'b1',
    'Book.postage': ({ weight, size }, { express }) => {
      const { w, h } = (size ?? { w: 0, h: 0 }) as { w: number; h: number | null };
      return Number(weight) * 100 + w * 10 + (h ?? 0) + (express ? 1_000 : 0);
    },
    'Book.reviews': ({ id }, { first }) => reviewsOf(id, first),
    'Film.reviews': ({ id }, { first }) => reviewsOf(id, first),
    'Review.by': ({ by: id }) => person(id),
  },
  required: ['Person.shipping', 'Book.postage'],
};

function reviewsOf(about: unknown, first: unknown): Row[] {
  const ids = people.slice(0, Number(first)).map((row) => row['id']);
  return rowsOf(
    'Review',
    ids.map((id, index) => ({ id: `${String(about)}-${index}`, stars: index + 1, by: id, about })),
  );
}

const animals = [
  ...rowsOf('Dog', [
    { id: 'd1', name: 'Rex', sound: 'wuff', size: 3, owner: 'o1', info: { depth: 1 } },
    { id: 'd2', name: 'Bo', sound: null, size: 5, owner: null, info: null },
  ]),
  ...rowsOf('Cat', [{ id: 'c1', name: 'Tom', sound: 'miau', size: 'small', owner: 'o2', info: { depth: 2 } }]),
];
const owners = rowsOf('Owner', [
  { id: 'o1', name: 'Ann', pets: ['d1', 'c1'] },
  { id: 'o2', name: 'Ben', pets: [] },
]);

/** The same response key with another type in each member of a union, and keys that another subgraph has renamed. */
export const zoo: World = {
  name: 'a zoo',
  whole: `
    type Query { animals: [Animal!]!  pets: [Pet]  owner(id: ID = "o1"): Owner }
    interface Animal { id: ID! name: String! owner: Owner }
    union Pet = Dog | Cat
    type Dog implements Animal { id: ID! name: String! owner: Owner sound: String size: Int info: DogInfo age(in: String = "years"): Int }
    type Cat implements Animal { id: ID! name: String! owner: Owner sound: String! size: String info: CatInfo age(in: String = "years"): Int }
    type DogInfo { depth: Int }
    type CatInfo { depth: Int! }
    type Owner { id: ID! name: String! pets: [Pet!]! favourite: Animal }
  `,
  subgraphs: {
    cages: `
      type Query { animals: [Animal!]!  pets: [Pet] }
      interface Animal { id: ID! name: String! owner: Owner }
      union Pet = Dog | Cat
      type Dog implements Animal @key(fields: "id") { id: ID! name: String! owner: Owner }
      type Cat implements Animal @key(fields: "id") { id: ID! name: String! owner: Owner }
      type Owner @key(fields: "id") { id: ID! pets: [Pet!]! favourite: Animal }
    `,
    facts: `
      type Dog @key(fields: "id") { id: ID! sound: String size: Int info: DogInfo }
      type Cat @key(fields: "id") { id: ID! sound: String! size: String info: CatInfo }
      type DogInfo { depth: Int }
      type CatInfo { depth: Int! }
    `,
    ages: `
      type Query { owner(id: ID = "o1"): Owner }
      type Dog @key(fields: "id") { id: ID! age(in: String = "years"): Int }
      type Cat @key(fields: "id") { id: ID! age(in: String = "years"): Int }
      type Owner @key(fields: "id") { id: ID! name: String! }
    `,
  },
  rows: [...animals, ...owners],
  fields: {
    'Query.animals': () => animals,
    'Query.pets': () => [animals[2], null, animals[0]],
    'Query.owner': (_, { id }) => by(owners)(id),
    'Dog.owner': ({ owner }) => by(owners)(owner),
    'Cat.owner': ({ owner }) => by(owners)(owner),
    'Dog.age': ({ id }, { in: unit }) => (id === 'd1' ? (unit === 'years' ? 2 : 24) : null),
    'Cat.age': (_, { in: unit }) => (unit === 'years' ? 7 : 84),
    'Owner.pets': ({ pets }) => (pets as string[]).map(by(animals)),
    'Owner.favourite': ({ pets }) => by(animals)((pets as string[])[0]),
  },
};

const nodes = rowsOf('Node', [
  { id: 'n1', must: 'here', may: 'also', base: 'deep', next: 'n2', many: ['n1', 'n2', 'n3'] },
  { id: 'n2', must: null, may: null, base: null, next: 'n3', many: ['n2'] },
  { id: 'n3', must: new Error('No.'), may: new Error('Neither.'), base: null, next: null, many: [] },
]);

/** Fields that fail and fields that are null where they must not be, in every place. */
export const failing: World = {
  name: 'a world that fails',
  whole: `
    type Query { one(id: ID = "n1"): Node  must(id: ID = "n1"): Node!  list: [Node]  strict: [Node!]  all: [[Node!]]! }
    type Node { id: ID! must: String! may: String base: String next: Node many: [Node!]! holes: [Node] nextMust: Node! far: String! }
  `,
  subgraphs: {
    roots: `
      type Query { one(id: ID = "n1"): Node  must(id: ID = "n1"): Node!  list: [Node]  strict: [Node!]  all: [[Node!]]! }
      type Node @key(fields: "id") { id: ID! next: Node nextMust: Node! }
    `,
    leaves: `
      type Node @key(fields: "id") { id: ID! must: String! may: String base: String many: [Node!]! holes: [Node] }
    `,
    far: `type Node @key(fields: "id") { id: ID! base: String @external far: String! @requires(fields: "base") }`,
  },
  rows: nodes,
  fields: {
    'Query.one': (_, { id }) => by(nodes)(id),
    'Query.must': (_, { id }) => by(nodes)(id),
    'Query.list': () => [nodes[0], null, nodes[2], nodes[1]],
    'Query.strict': () => nodes,
    'Query.all': () => [[nodes[0]], null, [nodes[0], nodes[1]]],
    'Node.next': ({ next }) => by(nodes)(next),
    'Node.nextMust': ({ next }) => by(nodes)(next),
    'Node.many': ({ many }) => (many as string[]).map(by(nodes)),
    'Node.holes': ({ many }) => (many as string[]).map((id) => (id === 'n2' ? null : by(nodes)(id))),
    'Node.far': ({ base }) => base,
  },
};

const media = [
  ...rowsOf('Photo', [
    { id: 'm1', title: 'Sea', width: 10, score: 1, note: 'n1' },
    { id: 'm2', title: 'Sky', width: 20, score: null, note: null },
  ]),
  ...rowsOf('Song', [{ id: 'm3', title: 'Rain', seconds: 60, score: 3, note: 'n3' }]),
];

/** An interface that is an entity, and a subgraph that knows it as one object (@interfaceObject). */
export const gallery: World = {
  name: 'a gallery',
  whole: `
    type Query { media: [Media!]!  medium(id: ID!): Media  best: Media }
    interface Media { id: ID! title: String! score: Int note(upper: Boolean = false): String }
    type Photo implements Media { id: ID! title: String! score: Int note(upper: Boolean = false): String width: Int! }
    type Song implements Media { id: ID! title: String! score: Int note(upper: Boolean = false): String seconds: Int! }
  `,
  subgraphs: {
    library: `
      type Query { media: [Media!]!  medium(id: ID!): Media }
      interface Media @key(fields: "id") { id: ID! title: String! }
      type Photo implements Media @key(fields: "id") { id: ID! title: String! width: Int! }
      type Song implements Media @key(fields: "id") { id: ID! title: String! seconds: Int! }
    `,
    ratings: `
      type Query { best: Media }
      type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }
    `,
    notes: `type Media @key(fields: "id") @interfaceObject { id: ID! note(upper: Boolean = false): String }`,
  },
  rows: media,
  fields: {
    'Query.media': () => media,
    'Query.medium': (_, { id }) => by(media)(id),
    'Query.best': () => media[2],
    'Photo.note': ({ note }, { upper }) => (upper && typeof note === 'string' ? note.toUpperCase() : note),
    'Song.note': ({ note }, { upper }) => (upper && typeof note === 'string' ? note.toUpperCase() : note),
    'Media.note': ({ note }, { upper }) => (upper && typeof note === 'string' ? note.toUpperCase() : note),
  },
};
