import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createEngine, openPlanner, PLANNER_NAMES } from '../../src/engine/index.ts';

const SDL = 'scalar Any type Query { echo(text: String, any: Any, float: Float): String }';
const typeDefs = parse(SDL);
const { supergraphSdl = '' } = composeServices([{ name: 'echo', typeDefs, url: '' }]);
const echo = (_: unknown, given: Record<string, unknown>) => JSON.stringify(Object.values(given)[0]);
const schema = buildSubgraphSchema([{ typeDefs, resolvers: { Query: { echo } } }]);
/** Backspace to form feed, NUL and escape, quotes, what looks like an escape, and characters of four bytes. */
const CONTROLS = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code));
const OTHERS = ['"', '\\\\', '\\\\b', '\\u0010', '\u007f', '\u2028', 'é', '\u{1f600}', '"""'];

describe.each(PLANNER_NAMES.flatMap((name) => [true, false].map((isAlone) => ({ name, isAlone }))))(
  'literals, planned by $name (alone: $isAlone)',
  (planning) => {
    const answer = async ({ query, variables }: { query: string; variables: Readonly<Record<string, unknown>> }) => {
      const result = await execute({ schema, document: parse(query), variableValues: { ...variables } });
      return JSON.parse(JSON.stringify(result)) as ExecutionResult;
    };
    const planner = openPlanner(supergraphSdl, { ...planning, report: () => undefined });
    const engine = createEngine({
      supergraphSdl,
      planner,
      transports: { echo: { execute: answer, subscribe: answer } },
    });
    const ask = (query: string) => engine.execute({ document: parse(query), context: null });

    it.each([...CONTROLS, ...OTHERS].map((text) => [JSON.stringify(text), text]))(
      'reach a subgraph as they are: %s',
      async (_, text) => {
        const got = await ask(`{ echo(text: ${JSON.stringify(`a${text}z`)}) }`);
        expect(got.errors).toBeUndefined();
        expect(JSON.parse(String(got.data?.['echo']))).toBe(`a${text}z`);
        const given = await ask(`query ($t: String = ${JSON.stringify(text)}) { echo(text: $t) }`);
        expect(JSON.parse(String(given.data?.['echo']))).toBe(text);
      },
    );

    it.each(['9223372036854775807', '-9223372036854775807', '1.5e300', '-0.25'])(
      'reach it as numbers: %s',
      async (number) => {
        expect((await ask(`{ echo(float: ${number}) }`)).data).toEqual({ echo: JSON.stringify(Number(number)) });
      },
    );

    it.each(['1e400', '-1e999', '9223372036854775808', '100000000000000000000'])(
      'are refused where they are more than planners keep: %s',
      async (number) => {
        for (const query of [`{ echo(any: ${number}) }`, `{ echo(any: [{ a: ${number} }]) }`])
          expect(await ask(query)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      },
    );
  },
);
