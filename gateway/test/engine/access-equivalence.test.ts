import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  type ExecutionResult,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  print,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Needs, readNeeds } from '../../src/engine/access/needs.ts';
import { type Caller, PLANNER_NAMES, type PlannerName } from '../../src/engine/index.ts';
import { typesOf } from '../../src/engine/public-schema.ts';
import { askedBy, fieldsOfMachinery } from './asked-by.ts';
import { explainedNulls } from './explained.ts';
import { randomOf, randomQuery } from './random-query.ts';
import { type Change, openWorld, type World } from './world.ts';
import { failing, gallery, shop, zoo } from './worlds.ts';

/** Sets of closed fields that a run tries in each world, and queries for each. */
const SETS = 8;
const SEEDS = Number(process.env['ENGINE_SEEDS'] ?? 240) / SETS;

/** What closes fields, as it is written and as it is meant; the latter by hand, so that the engine's reading is held against it. */
interface Closing {
  readonly as: string;
  allows(caller: Caller): boolean;
}
const scope = ({ scopes }: Caller, name: string) => scopes.includes(name);
const policy = ({ policies = [] }: Caller, name: string) => policies.includes(name);
const CLOSINGS: readonly Closing[] = [
  { as: '@authenticated', allows: ({ isAuthenticated }) => isAuthenticated },
  {
    as: '@requiresScopes(scopes: [["a", "b"], ["c"]])',
    allows: (caller) => (scope(caller, 'a') && scope(caller, 'b')) || scope(caller, 'c'),
  },
  {
    as: '@policy(policies: [["p"], ["q", "r"]])',
    allows: (caller) => policy(caller, 'p') || (policy(caller, 'q') && policy(caller, 'r')),
  },
  {
    as: '@authenticated @requiresScopes(scopes: [["a"], ["b"]]) @policy(policies: [["p"]])',
    allows: (caller) => caller.isAuthenticated && (scope(caller, 'a') || scope(caller, 'b')) && policy(caller, 'p'),
  },
];

/** Somebody with some of everything. */
function randomCaller(random: () => number): Caller {
  const some = (names: readonly string[]) => names.filter(() => random() < 0.5);
  return { isAuthenticated: random() < 0.6, scopes: some(['a', 'b', 'c']), policies: some(['p', 'q', 'r']) };
}

/** Closes some fields: by directives in the supergraph, and by resolvers that refuse in the one schema. */
function closing(random: () => number, closed: Closing, callerOf: () => Caller): Change & { isClosed: IsClosed } {
  let needs: Needs | undefined;
  return {
    supergraph: (sdl) => {
      const { schema } = typesOf(parse(sdl));
      let names: ReadonlySet<string> = new Set(fieldNames(schema).filter(() => random() < 0.12));
      for (;;) {
        const text = withDirectives(sdl, names, closed.as);
        const document = parse(text);
        const read = readNeeds(document, typesOf(document).schema);
        needs = read;
        // What one object keeps, the others behind its interfaces keep here too: one schema does not know what was written on which.
        const reached = fieldNames(schema).filter((name) => isGuarded(read, name));
        const wider = new Set([...names, ...reached.flatMap((name) => kin(schema, name))]);
        if (wider.size === names.size) return text;
        names = wider;
      }
    },
    whole: (schema) => {
      for (const type of Object.values(schema.getTypeMap())) {
        if (!isObjectType(type) || type.name.startsWith('__')) continue;
        for (const field of Object.values(type.getFields()))
          if (needs && isGuarded(needs, `${type.name}.${field.name}`)) field.resolve = guarded(field.resolve);
      }
      return schema;
    },
    isClosed: (name) => needs !== undefined && !closed.allows(callerOf()) && isGuarded(needs, name),
  };

  function guarded(resolve: GraphQLFieldResolver<unknown, unknown> = defaultFieldResolver) {
    const answer: typeof resolve = (...asked) => {
      if (closed.allows(callerOf())) return resolve(...asked);
      throw new GraphQLError('Closed.', { extensions: { code: codeFor(callerOf()) } });
    };
    return answer;
  }
}

/** Whether the caller of now may not have `Type.field`. */
type IsClosed = (name: string) => boolean;

/** Who is nobody may sign in; who is somebody lacks the right. */
function codeFor({ isAuthenticated }: Caller): string {
  return isAuthenticated ? 'FORBIDDEN' : 'UNAUTHENTICATED';
}

function isGuarded(needs: Needs, name: string): boolean {
  const [type = '', field = ''] = name.split('.');
  return needs.of(type, field).length > 0;
}

/** `Type.field` of every object. */
function fieldNames(schema: GraphQLSchema): readonly string[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !/^(__|join__|link__)/.test(type.name)
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  );
}

/** The same field on every object that shares an interface which has it. */
function kin(schema: GraphQLSchema, name: string): readonly string[] {
  const [typeName = '', field = ''] = name.split('.');
  const type = schema.getType(typeName);
  const interfaces = isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
  return interfaces
    .filter((each) => field in each.getFields())
    .flatMap((each) => schema.getPossibleTypes(each).map((object) => `${object.name}.${field}`));
}

/** The directives of a field's definition. */
function directivesOf(as: string): readonly ConstDirectiveNode[] {
  const [type] = parse(`type T { f: Int ${as} }`).definitions;
  return (type?.kind === Kind.OBJECT_TYPE_DEFINITION && type.fields?.[0]?.directives) || [];
}

function withDirectives(sdl: string, names: ReadonlySet<string>, as: string): string {
  const directives = directivesOf(as);
  const document = parse(sdl);
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return node;
    const fields = node.fields?.map((field) =>
      names.has(`${node.name.value}.${field.name.value}`)
        ? { ...field, directives: [...(field.directives ?? []), ...directives] }
        : field,
    );
    return { ...node, ...(fields ? { fields } : {}) };
  });
  return `${print({ ...document, definitions })}
directive @authenticated on FIELD_DEFINITION
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION`;
}

/** A world of which some fields are closed in one way, and somebody who asks it. */
function openClosed(world: World, set: number, planner: PlannerName) {
  const random = randomOf(set);
  const closed = CLOSINGS[set % CLOSINGS.length];
  if (!closed) throw new Error('Nothing is closed.');
  let caller: Caller = { isAuthenticated: false, scopes: [] };
  const change = closing(random, closed, () => caller);
  const { whole, answer, expected, calls, supergraphSdl } = openWorld(world, change, {
    name: planner,
    callerOf: () => caller,
  });
  const { schema } = typesOf(parse(supergraphSdl));
  const machinery = fieldsOfMachinery(supergraphSdl);
  const ids = world.rows.map((row) => String(row['id']));
  /** What somebody is told, what he should be, and what no subgraph should have been asked for. */
  const ask = async (seed: number) => {
    caller = randomCaller(random);
    calls.length = 0;
    const { query, variables } = randomQuery(whole, set * 10_000 + seed, ids);
    const about = { set, seed, closed: closed.as, caller, query, variables };
    const [got, want] = [await answer(query, variables), await expected(query, variables)];
    const isToBeAsked = (name: string) => !change.isClosed(name) || machinery.has(name.split('.')[1] ?? '');
    const inVain = calls.flatMap((call) => askedBy(call.query, schema).filter((name) => !isToBeAsked(name)));
    return { about, got, want, inVain, code: codeFor(caller) };
  };
  return { ask, calls };
}

const denialsOf = ({ errors = [] }: ExecutionResult) =>
  errors
    .map(({ extensions }) => String(extensions['code']))
    .filter((code) => /^(UNAUTHENTICATED|FORBIDDEN)$/.test(code));

describe.each([shop, zoo, gallery, failing])('$name, with fields closed to some', (world: World) => {
  it.each(PLANNER_NAMES)(
    `%s: answers ${SETS} times ${SEEDS} random queries of random callers letter by letter as one schema that refuses them, and asks in vain for nothing`,
    async (planner) => {
      const seen = { refusals: new Set<string>(), fetches: 0 };
      for (let set = 1; set <= SETS; set += 1) {
        const { ask, calls } = openClosed(world, set, planner);
        for (let seed = 1; seed <= SEEDS; seed += 1) {
          const { about, got, want, inVain, code } = await ask(seed);
          const denials = denialsOf(got);
          expect({ ...about, data: JSON.stringify(got.data), nulls: explainedNulls(got), denials, inVain }).toEqual({
            ...about,
            data: JSON.stringify(want.data),
            nulls: explainedNulls(want),
            denials: denials.map(() => code),
            inVain: [],
          });
          for (const denial of denials) seen.refusals.add(`${set} ${denial}`);
          seen.fetches += calls.length;
        }
      }
      // Most ways of closing refused visitors and members.
      expect(seen.refusals.size).toBeGreaterThan(SETS);
      expect(seen.fetches).toBeGreaterThan((SETS * SEEDS) / 2);
    },
    300_000,
  );
});
