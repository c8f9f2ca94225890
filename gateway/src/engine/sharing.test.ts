import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, execute, GraphQLError, parse } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { AnswerText, createEngine, createHivePlanner, type Engine, type Transport } from './index.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])\n';
const home = `${LINK}
  type Query { orders: [Order!]!  pets: [Pet!]! }
  type Order { number: Int!  product: Product  gift: Product }
  type Product @key(fields: "id") { id: ID!  shelf: Int }
  interface Pet { name: String! }
  type Dog implements Pet { name: String!  owner: Owner }
  type Cat implements Pet { name: String!  owner: Owner }
  type Owner @key(fields: "id") { id: ID! }
`;
const catalogue = `${LINK}
  type Product @key(fields: "id") { id: ID!  name: String  maker: Maker }
  type Maker @key(fields: "id") { id: ID! }
  type Owner @key(fields: "id") { id: ID!  address: Address }
  type Address @key(fields: "id") { id: ID! }
`;
const details = `${LINK}
  type Maker @key(fields: "id") { id: ID!  country: String }
  type Address @key(fields: "id") { id: ID!  city(language: String = "de"): String }
`;

/** Three orders of one product, which two of them know from the same shelf. */
const orders = [
  { number: 1, product: { id: 'p', shelf: 1 }, gift: { id: 'p', shelf: 1 } },
  { number: 2, product: { id: 'p', shelf: 1 }, gift: null },
  { number: 3, product: { id: 'p', shelf: 2 }, gift: { id: 'p', shelf: 1 } },
];
const pets = [
  { __typename: 'Dog', name: 'Rex', owner: { id: 'o' } },
  { __typename: 'Cat', name: 'Tom', owner: { id: 'o' } },
];

let engine: Engine<null>;
let sent: readonly unknown[] = [];
let country: () => string | null = () => 'AT';

beforeAll(() => {
  const sdl = { home, catalogue, details };
  const services = Object.entries(sdl).map(([name, text]) => ({ name, typeDefs: parse(text), url: `http://${name}` }));
  const supergraphSdl = composeServices(services).supergraphSdl ?? '';
  const resolvers = {
    home: { Query: { orders: () => orders, pets: () => pets }, Pet: {} },
    catalogue: {
      Product: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `product ${id}`, maker: { id: 'm' } }) },
      Owner: { __resolveReference: ({ id }: { id: string }) => ({ id, address: { id: 'a' } }) },
    },
    details: {
      Maker: { __resolveReference: ({ id }: { id: string }) => ({ id }), country: () => country() },
      Address: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        city: (_: unknown, { language }: { language: string }) => (language === 'en' ? 'Vienna' : 'Wien'),
      },
    },
  };
  const transportOf = (name: keyof typeof sdl): Transport<null> => {
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl[name]), resolvers: resolvers[name] });
    return {
      execute: async ({ query, variables }) => {
        sent = [...sent, ...Object.values(variables)];
        const result = await execute({ schema, document: parse(query), variableValues: variables });
        const wire: ExecutionResult = JSON.parse(JSON.stringify(result));
        return wire;
      },
      subscribe: () => Promise.reject(new Error('Nobody does.')),
    };
  };
  const transports = {
    home: transportOf('home'),
    catalogue: transportOf('catalogue'),
    details: transportOf('details'),
  };
  engine = createEngine({ supergraphSdl, planner: createHivePlanner(supergraphSdl), transports });
});

/** Twice, the second time for a door that only prints. */
async function ask(query: string, isText = false): Promise<ExecutionResult> {
  sent = [];
  const document = parse(query);
  const answer = JSON.stringify(await engine.execute({ document, context: null }));
  const printed = await engine.execute({ document, context: null, mayBeText: true });
  expect(JSON.stringify(printed)).toBe(answer);
  if (isText) expect(printed.data).toBeInstanceOf(AnswerText);
  return JSON.parse(answer);
}

describe('one object in several places', () => {
  const query = '{ orders { number product { shelf name maker { country } } gift { name } } }';

  it('is asked for once and shown in each, with what each place alone knows', async () => {
    const { data, errors } = await ask(query, true);
    const maker = { country: 'AT' };
    const name = 'product p';
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      orders: [
        { number: 1, product: { shelf: 1, name, maker }, gift: { name } },
        { number: 2, product: { shelf: 1, name, maker }, gift: null },
        { number: 3, product: { shelf: 2, name, maker }, gift: { name } },
      ],
    });
    expect(sent).toContainEqual([{ __typename: 'Maker', id: 'm' }]);
  });

  it('has its error at each of them', async () => {
    country = () => {
      throw new GraphQLError('No atlas.', { extensions: { code: 'NOT_FOUND' } });
    };
    const { data, errors = [] } = await ask(query);
    country = () => 'AT';
    expect(data).toMatchObject({ orders: [1, 2, 3].map(() => ({ product: { maker: { country: null } } })) });
    expect(errors.map(({ path }) => path)).toEqual(
      [0, 1, 2].map((order) => ['orders', order, 'product', 'maker', 'country']),
    );
  });

  it('says other things where another thing is asked of it under the same name', async () => {
    const { data, errors } = await ask(`{ pets {
      ... on Dog { owner { address { city(language: "en") } } }
      ... on Cat { owner { address { city(language: "de") } } }
    } }`);
    expect(errors).toBeUndefined();
    const living = (city: string) => ({ owner: { address: { city } } });
    expect(data).toEqual({ pets: [living('Vienna'), living('Wien')] });
  });
});
