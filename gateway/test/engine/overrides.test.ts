import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine, openPlanner, PLANNER_NAMES } from '../../src/engine/index.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override", "@shareable"])';
const SOURCES = {
  old: `${LINK} type Query { stone: Stone } type Stone @key(fields: "id") { id: ID! few: Int most: Int all: Int none: Int named: Int }`,
  new: `${LINK} type Stone @key(fields: "id") { id: ID!
    few: Int @override(from: "old", label: "percent(2.5)")
    most: Int @override(from: "old", label: "percent(80)")
    all: Int @override(from: "old", label: "percent(100)")
    none: Int @override(from: "old", label: "percent(0)")
    named: Int @override(from: "old", label: "season") }`,
};
const FIELDS = ['few', 'most', 'all', 'none', 'named'];

afterEach(() => void vi.restoreAllMocks());

describe.each(PLANNER_NAMES)('fields that move to another subgraph bit by bit, planned by %s', (name) => {
  const sources = Object.entries(SOURCES).map(([each, sdl]) => ({ name: each, url: '', typeDefs: parse(sdl) }));
  const { supergraphSdl = '' } = composeServices(sources);
  const transportOf = (subgraph: string, value: number) => ({
    execute: async ({ query }: { query: string }) => {
      const asked = FIELDS.filter((field) => new RegExp(`\\b${field}\\b`).test(query));
      const told = Object.fromEntries(asked.map((field) => [field, value]));
      const stone = { __typename: 'Stone', id: 's1', ...told };
      return query.includes('_entities') ? { data: { _entities: [stone] } } : { data: { stone } };
    },
    subscribe: () => Promise.reject(new Error(`Nobody subscribes to ${subgraph}.`)),
  });
  const engine = createEngine<null>({
    supergraphSdl,
    planner: openPlanner(supergraphSdl, { name, report: () => undefined }),
    transports: { old: transportOf('old', 0), new: transportOf('new', 1) },
  });
  const document = parse(`{ stone { ${FIELDS.join(' ')} } }`);
  const ask = async () => (await engine.execute({ document, context: null })).data?.['stone'];

  it.each([
    [0, { few: 1, most: 1, all: 1, none: 0, named: 0 }],
    [0.0249, { few: 1, most: 1, all: 1, none: 0, named: 0 }],
    [0.025, { few: 0, most: 1, all: 1, none: 0, named: 0 }],
    [0.7999, { few: 0, most: 1, all: 1, none: 0, named: 0 }],
    [0.8, { few: 0, most: 0, all: 1, none: 0, named: 0 }],
    [0.9999, { few: 0, most: 0, all: 1, none: 0, named: 0 }],
  ])('are asked where a request belongs that drew %d, whoever asked the same before', async (drawn, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(drawn);
    expect(await ask()).toEqual(expected);
  });

  it('are drawn for each request', async () => {
    const random = vi.spyOn(Math, 'random');
    const seen = [];
    for (const drawn of [0.9, 0.01, 0.5, 0.9]) {
      random.mockReturnValue(drawn);
      seen.push(await ask());
    }
    expect(seen.map((stone) => JSON.stringify(stone))).toEqual([
      '{"few":0,"most":0,"all":1,"none":0,"named":0}',
      '{"few":1,"most":1,"all":1,"none":0,"named":0}',
      '{"few":0,"most":1,"all":1,"none":0,"named":0}',
      '{"few":0,"most":0,"all":1,"none":0,"named":0}',
    ]);
  });
});
