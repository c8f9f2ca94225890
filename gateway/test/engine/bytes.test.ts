import { isUtf8 } from 'node:buffer';
import { type ExecutionResult, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readNeeds } from '../../src/engine/access/needs.ts';
import { deriveInBytes } from '../../src/engine/bytes/derive.ts';
import { layOut } from '../../src/engine/bytes/layout.ts';
import { createCourse } from '../../src/engine/course.ts';
import { type Derivation, deriveInObjects } from '../../src/engine/derivation.ts';
import { executeNode } from '../../src/engine/execute.ts';
import { createFetchKeys } from '../../src/engine/fetch-keys.ts';
import { finish } from '../../src/engine/finish.ts';
import { AnswerText, openPlanner, TextAnswer, type Transport, variablesText } from '../../src/engine/index.ts';
import { prepareOperation } from '../../src/engine/operation.ts';
import { publicSchema, typesOf } from '../../src/engine/public-schema.ts';
import { plantTree } from '../../src/engine/steps.ts';
import { coerceVariables } from '../../src/engine/variables.ts';
import { randomOf, randomQuery } from './random-query.ts';
import { type OpenWorld, openWorld, type World } from './world.ts';
import { shop } from './worlds.ts';
import { market } from './worlds-of-plain-things.ts';

/** How an execution went: what was asked, and what came of it. */
interface Run {
  readonly asked: readonly string[];
  readonly result: ExecutionResult;
  /** Whether it was derived in bytes to the end. */
  readonly isPlain: boolean;
}

type Answer = (subgraph: string, query: string, variables: Readonly<Record<string, unknown>>) => Promise<Buffer>;

/** Operations of a world, run in both ways over the same answers. */
function openTwice(world: World) {
  const opened = openWorld(world);
  const supergraph = parse(opened.supergraphSdl, { noLocation: true });
  const planner = openPlanner(opened.supergraphSdl, { name: 'native', report: () => undefined });
  const [schema, types] = [publicSchema(planner.publicSdl), typesOf(supergraph)];
  const [keys, needs] = [createFetchKeys(types.schema), readNeeds(supergraph, types.schema)];

  /** @returns null where the operation is none whose answers look alike whatever is in them */
  function prepare(query: string, given: Record<string, unknown>) {
    const document = parse(query);
    const operation = prepareOperation({ schema, planner, keys, needs, types, percents: [] }, document, undefined);
    const variables = coerceVariables(schema, getOperationAST(document)?.variableDefinitions, given);
    const { plan, selection, isSharing } = operation.compiled(variables, null);
    const layout = plan && layOut(plan, selection, { ...types, shown: schema });
    if (!layout || operation.introspection) return null;

    const inObjects = () =>
      deriveInObjects(plantTree(variables, types, isSharing), (tree) =>
        finish(tree, { plan, selection, keys, introspected: null, mayBeText: false }),
      );
    const run = async (answer: Answer, begin: (onOther: () => void) => Derivation): Promise<Run> => {
      const asked: string[] = [];
      let isPlain = true;
      const derivation = begin(() => {
        isPlain = false;
      });
      const transports = Object.fromEntries(
        Object.keys(world.subgraphs).map((name): [string, Transport<null>] => {
          const execute: Transport<null>['execute'] = async (request) => {
            asked.push(`${name} ${request.query} ${variablesText(request.variables)}`);
            return new TextAnswer(await answer(name, request.query, request.variables));
          };
          return [name, { execute, subscribe: () => Promise.reject(new Error('Nobody subscribes.')) }];
        }),
      );
      const course = createCourse(derivation);
      const kind = operation.definition.operation;
      await executeNode(plan, { transports, operation: kind, context: null, signal: undefined, variables, course });
      const { data, errors } = course.finish();
      if (data instanceof AnswerText) expect(isUtf8(data.bytes)).toBe(true);
      const read: unknown = data instanceof AnswerText ? JSON.parse(data.bytes.toString()).data : data;
      return { asked, isPlain, result: JSON.parse(JSON.stringify({ data: read, errors })) };
    };
    return {
      inBytes: (answer: Answer) => run(answer, (onOther) => deriveInBytes(layout, variables, inObjects, onOther)),
      inObjects: (answer: Answer) => run(answer, inObjects),
    };
  }
  return { opened, prepare };
}

/** The subgraphs' own answers, as bytes, each asked for once. */
function recorded({ tell }: OpenWorld): { readonly answer: Answer; readonly all: ReadonlyMap<string, Buffer> } {
  const all = new Map<string, Buffer>();
  const answer: Answer = async (subgraph, query, variables) => {
    const key = `${subgraph} ${query} ${variablesText(variables)}`;
    const known = all.get(key) ?? Buffer.from(JSON.stringify(await tell(subgraph, query, variables)));
    all.set(key, known);
    return known;
  };
  return { answer, all };
}

/** What may stand where something else should. */
const VALUES = [
  'null true false 0 -0 1 -7 007 1.0 0.50 1e3 1E400 2147483648 12345678901234567890 -1234567890123456 [] {} [null] [[]] {"a":1,"a":2}',
  '"" "s1" "KG" "NOPE" "Good" "\\u0041" "\\u00e9\\n" "\\ud83d" "\\x" "\\u12g4" "\u007f\u2028" "é" \'s1\' NaN "a\tb"',
].flatMap((line) => line.split(' '));
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+|true|false|null/g;
/** JSON's own bytes, and some that are nobody's. */
const BYTES = Buffer.from('{}[]",:\\/0123456789.-+eEnulltruefalse \n\t\u0000\u001f\u007fé', 'utf8');

/** An answer with something else in it: another value, what stands elsewhere in it, an item more or less, or any byte. */
function bent(bytes: Buffer, random: () => number): Buffer {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const text = bytes.toString();
  const tokens = [...text.matchAll(TOKEN)];
  const token = pick(tokens);
  const [from, to] = [token.index, token.index + token[0].length];
  const kind = random();
  if (kind < 0.4) return Buffer.from(`${text.slice(0, from)}${pick(VALUES)}${text.slice(to)}`);
  if (kind < 0.6) return Buffer.from(`${text.slice(0, from)}${pick(tokens)[0]}${text.slice(to)}`);
  if (kind < 0.7) return Buffer.from(text.replace(/\[(\{.*?\})/, random() < 0.5 ? '[$1,$1' : '['));
  const at = Math.floor(random() * bytes.length);
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
  const byte = Buffer.of(pick([...BYTES]));
  if (kind < 0.8) return Buffer.concat([before, byte, behind]);
  return kind < 0.9 ? Buffer.concat([before, behind.subarray(1)]) : Buffer.concat([before, byte, behind.subarray(1)]);
}

describe.each([market, shop])('$name, whose answers are bent', (world) => {
  const { opened, prepare } = openTwice(world);
  const ids = world.rows.map((row) => String(row['id']));

  it('is derived from bytes as in objects, whatever stands in an answer', async () => {
    let plain = 0;
    for (let seed = 1; seed <= 250; seed += 1) {
      const random = randomOf(seed);
      const { query, variables } = randomQuery(opened.whole, seed, ids);
      const operation = prepare(query, variables);
      if (!operation) continue;
      const { answer, all } = recorded(opened);
      await operation.inObjects(answer);
      for (let times = 0; times < 60; times += 1) {
        const bends = new Map(
          [...all].map(([key, bytes]) => [key, times > 0 && random() < 0.6 ? bent(bytes, random) : bytes]),
        );
        const again: Answer = async (subgraph, text, given) =>
          bends.get(`${subgraph} ${text} ${variablesText(given)}`) ?? Buffer.from('{"data":null}');
        const [one, other] = [await operation.inBytes(again), await operation.inObjects(again)];
        expect({ query, variables, ...one, isPlain: true }).toEqual({ query, variables, ...other });
        if (one.isPlain && times > 0) plain += 1;
      }
    }
    // Else nothing was compared with anything.
    expect(plain).toBeGreaterThan(200);
  }, 120_000);
});

it('takes two objects for one only where all is the same that was told of them', async () => {
  const { prepare } = openTwice(market);
  const operation = prepare('{ goods { stall { visits takings } } }', {});
  const stall = (visits: number) => ({ stall: { __typename: 'Stall', row: 1, seat: 1, visits, id: 's1' } });
  const answer: Answer = async (subgraph, query) => {
    const asked = [...query.matchAll(/(\w+)(?=[ }])/g)].map(([name]) => name);
    const told = (row: Record<string, unknown>) =>
      Object.fromEntries(asked.flatMap((name) => (name in row ? [[name, row[name]]] : [])));
    if (subgraph === 'scales')
      return Buffer.from(
        JSON.stringify({ data: { goods: [1, 2, 1].map((visits) => ({ stall: told(stall(visits).stall) })) } }),
      );
    if (subgraph === 'square') return Buffer.from('{"data":{"_entities":[{"id":"s1"}]}}');
    return Buffer.from('{"data":{"_entities":[{"takings":9}]}}');
  };
  const run = await operation?.inBytes(answer);
  expect(run?.result).toEqual({
    data: { goods: [1, 2, 1].map((visits) => ({ stall: { visits, takings: 9 } })) },
  });
  expect(run?.isPlain).toBe(true);
});

it('tells no value of an enum that clients are not to know of', async () => {
  const { prepare } = openTwice(sorted);
  const operation = prepare('{ stones { id sort } }', {});
  const answer: Answer = async () =>
    Buffer.from('{"data":{"stones":[{"id":"s1","sort":"HARD"},{"id":"s2","sort":"SECRET"}]}}');
  const [inBytes, inObjects] = [await operation?.inBytes(answer), await operation?.inObjects(answer)];
  expect(inBytes?.result).toEqual(inObjects?.result);
  expect(JSON.stringify(inBytes?.result)).not.toContain('SECRET');
});

/** A world with a value that is hidden. */
const sorted: World = {
  name: 'stones',
  whole: 'type Query { stones: [Stone!]! } type Stone { id: ID! sort: Sort } enum Sort { HARD }',
  subgraphs: {
    stones:
      'type Query { stones: [Stone!]! } type Stone @key(fields: "id") { id: ID! sort: Sort } enum Sort { HARD SECRET @inaccessible }',
  },
  rows: [],
  fields: {},
};
