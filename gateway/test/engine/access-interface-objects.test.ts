import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Caller, createEngine, createHivePlanner, type Transport } from '../../src/engine/index.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5",
  import: ["@key", "@requires", "@external", "@interfaceObject"])`;
const SDL = {
  goods: `${LINK} type Query { goods: [Good!] book: Book }
    interface Good @key(fields: "id") { id: ID! price: Int name: String }
    type Book implements Good @key(fields: "id") { id: ID! price: Int name: String }`,
  parcels: `${LINK} type Good @key(fields: "id") @interfaceObject {
    id: ID! price: Int @external postage: Int @requires(fields: "price") rating: Int }`,
};
const { supergraphSdl: OPEN = '' } = composeServices(
  Object.entries(SDL).map(([name, sdl]) => ({ name, typeDefs: parse(sdl), url: '' })),
);
const BOOK = { __typename: 'Book', id: 'b1', price: 42, name: 'Notes' };
const visitor: Caller = { isAuthenticated: false, scopes: [] };
const member: Caller = { isAuthenticated: true, scopes: [] };

/** The supergraph with one place closed to visitors, as other compositions write it. */
function closed(place: RegExp): string {
  const sdl = OPEN.replace(place, '$1 @authenticated');
  expect(sdl).not.toBe(OPEN);
  return sdl;
}

async function ask(supergraphSdl: string, query: string, context: Caller) {
  const asked: string[] = [];
  const answering = (answer: (variables: Readonly<Record<string, unknown>>) => object): Transport<Caller> => ({
    execute: async ({ query: text, variables }) => {
      asked.push(`${text} ${JSON.stringify(variables)}`);
      return { data: { ...answer(variables) } };
    },
    subscribe: () => Promise.reject(new Error('No streams.')),
  });
  const entities = (variables: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(variables).map(([name, list]) => [
        name === 'representations' ? '_entities' : `_e${name.split('_').pop()}`,
        Array.isArray(list) ? list.map(() => ({ postage: 4, rating: 5 })) : null,
      ]),
    );
  const engine = createEngine<Caller>({
    supergraphSdl,
    planner: createHivePlanner(supergraphSdl),
    transports: { goods: answering(() => ({ goods: [{ ...BOOK }], book: { ...BOOK } })), parcels: answering(entities) },
    callerOf: (caller) => caller,
  });
  const { data, errors } = await engine.execute({ document: parse(query), context });
  return {
    data,
    told: errors?.map(({ path, extensions }) => [extensions['code'], path?.join('.')]),
    asked: asked.join(),
  };
}

describe('a field that a subgraph tells of an interface as one object', () => {
  const PRICE = /(type Book[^}]*price: Int)/;
  const RATING = /(interface Good[^}]*rating: Int[^\n]*)/;

  it.each([
    ['of the object', '{ book { name postage } }', 'book.postage', { book: { name: 'Notes', postage: null } }],
    [
      'in a fragment on it',
      '{ goods { ... on Book { name postage } } }',
      'goods.0.postage',
      { goods: [{ name: 'Notes', postage: null }] },
    ],
    [
      'of the interface',
      '{ goods { name postage } }',
      'goods.0.postage',
      { goods: [{ name: 'Notes', postage: null }] },
    ],
  ])('asks a caller, %s, what the field asks that it requires', async (_where, query, path, data) => {
    const supergraph = closed(PRICE);
    const refused = await ask(supergraph, query, visitor);
    expect(refused).toMatchObject({ data, told: [['UNAUTHENTICATED', path]] });
    expect(refused.asked).not.toContain('price');
    expect((await ask(supergraph, query, member)).told).toBeUndefined();
  });

  it('asks on the object what is written on it on the interface', async () => {
    const { data, told } = await ask(closed(RATING), '{ book { name rating } }', visitor);
    expect(data).toEqual({ book: { name: 'Notes', rating: null } });
    expect(told).toEqual([['UNAUTHENTICATED', 'book.rating']]);
  });

  it('asks what the one object asks for all that it has, and for nothing that others have', async () => {
    const supergraph = closed(/(interface Good\b)/);
    const { data, told } = await ask(supergraph, '{ book { name rating } }', visitor);
    expect(data).toEqual({ book: { name: 'Notes', rating: null } });
    expect(told).toEqual([['UNAUTHENTICATED', 'book.rating']]);
  });
});
