import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

/** A museum, whose collection is for everybody and whose papers are not, and its insurance. */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@requires", "@external", "@shareable", "@requiresScopes", "@policy", { name: "@authenticated", as: "@signedIn" }])
`;
const museum = `${LINK}
  type Query {
    works: [Work!]!
    found: [Hit!]!
    hall: Hall
    rooms: [Room!]
    open: String
    vault: Vault
    salary: Int @signedIn @requiresScopes(scopes: [["money:read"]])
    ledger: Int @requiresScopes(scopes: [["money:read", "year:2026"], ["auditor"]])
    sure: String! @signedIn
    mood: Mood
    seal: Seal
    rumour: String @policy(policies: [["insider"]])
    secret: String @policy(policies: [["insider", "sworn"], ["director"]]) @signedIn
  }
  type Mutation {
    paint: Int!
    burn: Int! @requiresScopes(scopes: [["fire"]])
    sell: Int @requiresScopes(scopes: [["money:write"]])
  }
  type Subscription { moved: Painting!  alarm: Int @signedIn }
  interface Work { title: String }
  union Hit = Painting | Sketch
  type Painting implements Work @key(fields: "id") { id: ID! title: String price: Int @signedIn  owner: String! @signedIn }
  type Sketch implements Work { title: String @signedIn  paper: String }
  interface Room { name: String }
  type Hall implements Room { name: String  keeper: Keeper  walls: [Wall!]! }
  type Wall { color: String  safe: String! @signedIn }
  type Keeper @key(fields: "badge") { badge: ID @signedIn  name: String }
  type Vault @signedIn { gold: Int @requiresScopes(scopes: [["money:read"]]) }
  enum Mood @signedIn { GLAD }
  scalar Seal @signedIn
`;
const insurance = `${LINK}
  type Painting @key(fields: "id") { id: ID! price: Int @external  premium: Int @requires(fields: "price") @signedIn  rating: Int }
  type Keeper @key(fields: "badge") { badge: ID  insured: Boolean }
`;

const PAINTINGS = [
  { __typename: 'Painting', id: 'p1', title: 'Dawn', price: 10, owner: 'Ada' },
  { __typename: 'Painting', id: 'p2', title: 'Dusk', price: 20, owner: 'Grace' },
];
const WORKS = [PAINTINGS[0], { __typename: 'Sketch', title: 'Hands', paper: 'A4' }];
/** Mutations that a subgraph carried out. */
export const done: string[] = [];
const doing = (name: string) => () => done.push(name);
const byTypename = { __resolveType: ({ __typename }: { __typename: string }) => __typename };
export const RESOLVERS = {
  museum: {
    Query: {
      works: () => WORKS,
      found: () => WORKS,
      hall: () => ({
        name: 'East',
        keeper: { badge: 'k7', name: 'Kim' },
        walls: [{ color: 'red' }, { color: 'blue' }],
      }),
      rooms: () => [{ __typename: 'Hall', name: 'West' }],
      open: () => 'nine to five',
      vault: () => ({ gold: 3 }),
      salary: () => 5,
      ledger: () => 6,
      sure: () => 'yes',
      mood: () => 'GLAD',
      seal: () => 'wax',
      rumour: () => 'psst',
      secret: () => 'hush',
    },
    Mutation: { paint: doing('paint'), burn: doing('burn'), sell: doing('sell') },
    Subscription: {
      moved: {
        subscribe: async function* () {
          for (const moved of PAINTINGS) yield { moved };
        },
      },
      alarm: {
        subscribe: async function* () {
          yield { alarm: 1 };
        },
      },
    },
    Work: byTypename,
    Room: byTypename,
    Hit: byTypename,
    Wall: { safe: () => 'behind the picture' },
  },
  insurance: {
    Painting: {
      __resolveReference: (painting: object) => painting,
      premium: ({ price }: { price: number }) => price / 10,
      rating: () => 4,
    },
    Keeper: { __resolveReference: (keeper: object) => keeper, insured: () => true },
  },
};

export const SOURCES = { museum, insurance };
export const { supergraphSdl: SUPERGRAPH = '', errors: PROBLEMS } = composeServices(
  Object.entries(SOURCES).map(([name, sdl]) => ({ name, typeDefs: parse(sdl), url: '' })),
);
