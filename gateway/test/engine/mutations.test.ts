import { setTimeout as after } from 'node:timers/promises';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createEngine, openPlanner, PLANNER_NAMES, type Transport } from '../../src/engine/index.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])';
const SDL = {
  things: `${LINK} type Query { q: Int } type Mutation { set(to: Int, then: Int): Thing one: Int }
    type Thing @key(fields: "id") { id: ID! x: Int }`,
  counter: `${LINK} type Query { n: Int } type Mutation { bump(by: Int = 1): Int }
    type Thing @key(fields: "id") { id: ID! y(plus: Int = 0): Int }`,
};

describe.each(PLANNER_NAMES.flatMap((name) => [true, false].map((isAlone) => ({ name, isAlone }))))(
  'mutations, planned by $name (alone: $isAlone)',
  (planning) => {
    const open = () => {
      let count = 0;
      const done: string[] = [];
      const sent: string[] = [];
      const does =
        (name: string, act: (args: Record<string, number>) => unknown) =>
        async (_: unknown, args: Record<string, number>) => {
          done.push(`+${name}`);
          await after(5);
          const result = act(args);
          done.push(`-${name}`);
          return result;
        };
      const resolvers = {
        things: { Mutation: { set: does('set', ({ to }) => ({ id: 't', x: to ?? 0 })), one: does('one', () => 1) } },
        counter: {
          Mutation: { bump: does('bump', ({ by = 1 }) => (count += by)) },
          Thing: { __resolveReference: (it: object) => it, y: does('y', ({ plus = 0 }) => count + plus) },
        },
      };
      const sources = (['things', 'counter'] as const).map((name) => ({ name, typeDefs: parse(SDL[name]), url: '' }));
      const { supergraphSdl = '' } = composeServices(sources);
      const transports = Object.fromEntries(
        sources.map(({ name, typeDefs }): [string, Transport<null>] => {
          const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers[name] }]);
          const answer = async ({
            query,
            variables,
          }: {
            query: string;
            variables: Readonly<Record<string, unknown>>;
          }) => {
            sent.push(`${name} ${query} ${Object.keys(variables).sort().join()}`);
            const result = await execute({ schema, document: parse(query), variableValues: { ...variables } });
            return JSON.parse(JSON.stringify(result)) as ExecutionResult;
          };
          return [name, { execute: answer, subscribe: answer }];
        }),
      );
      const report = () => undefined;
      const engine = createEngine({
        supergraphSdl,
        planner: openPlanner(supergraphSdl, { ...planning, report }),
        transports,
      });
      const ask = async (query: string, variables = {}) => {
        const { data, errors } = await engine.execute({ document: parse(query), variables, context: null });
        expect(errors).toBeUndefined();
        return JSON.parse(JSON.stringify(data)) as unknown;
      };
      return { ask, done, sent };
    };

    it('are done one after the other, each with all that is asked of what it gives', async () => {
      const { ask, done } = open();
      expect(await ask('mutation { set(to: 2) { x y } bump later: set { y } }')).toEqual({
        set: { x: 2, y: 0 },
        bump: 1,
        later: { y: 1 },
      });
      expect(done.join(' ')).toBe('+set -set +y -y +bump -bump +set -set +y -y');
    });

    it('are one request where one subgraph does all of them', async () => {
      const { ask, sent, done } = open();
      expect(await ask('mutation { set(to: 3) { x } one }')).toEqual({ set: { x: 3 }, one: 1 });
      expect(sent).toHaveLength(1);
      expect(done.join(' ')).toBe('+set -set +one -one');
    });

    it('send each subgraph the variables of its own field', async () => {
      const { ask, sent } = open();
      const query = 'mutation ($a: Int, $b: Int, $c: Int) { set(to: $a) { x y(plus: $b) } bump(by: $c) }';
      expect(await ask(query, { a: 1, b: 10, c: 5 })).toEqual({ set: { x: 1, y: 10 }, bump: 5 });
      expect(sent).toHaveLength(3);
      expect(sent.map((text) => [...new Set(text.match(/\$\w+/g))].sort())).toEqual([
        ['$a'],
        ['$b', '$representations'],
        ['$c'],
      ]);
      expect(sent.map((text) => text.split(' ').at(-1))).toEqual(['a', 'b,representations', 'c']);
    });
  },
);
