import { GraphQLError, type GraphQLSchema, isInterfaceType, isObjectType, Kind, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Needs, readNeeds } from '../../src/engine/access/needs.ts';
import { PLANNER_NAMES } from '../../src/engine/index.ts';
import { typesOf } from '../../src/engine/public-schema.ts';
import { explainedNulls } from './explained.ts';
import { randomOf, randomQuery } from './random-query.ts';
import { type Change, openWorld, type World } from './world.ts';
import { failing, gallery, shop, zoo } from './worlds.ts';

/** Sets of closed fields that a run tries in each world, and queries for each. */
const SETS = 8;
const SEEDS = Number(process.env['ENGINE_SEEDS'] ?? 240) / SETS;

/** Closes some fields to visitors: by a directive in the supergraph, and by resolvers that refuse in the one schema. */
function closing(random: () => number): Change {
  let needs: Needs | undefined;
  return {
    supergraph: (sdl) => {
      const { schema } = typesOf(parse(sdl));
      let names: ReadonlySet<string> = new Set(fieldNames(schema).filter(() => random() < 0.12));
      for (;;) {
        const text = withDirectives(sdl, names);
        const document = parse(text);
        const read = readNeeds(document, typesOf(document).schema);
        needs = read;
        // What one object keeps, the others behind its interfaces keep here too: one schema does not know what was written on which.
        const closed = fieldNames(schema).filter((name) => isClosed(read, name));
        const wider = new Set([...names, ...closed.flatMap((name) => kin(schema, name))]);
        if (wider.size === names.size) return text;
        names = wider;
      }
    },
    whole: (schema) => {
      for (const type of Object.values(schema.getTypeMap())) {
        if (!isObjectType(type) || type.name.startsWith('__')) continue;
        for (const field of Object.values(type.getFields()))
          if (needs && isClosed(needs, `${type.name}.${field.name}`)) field.resolve = refuse;
      }
      return schema;
    },
  };
}

function refuse(): never {
  throw new GraphQLError('Closed.', { extensions: { code: 'UNAUTHENTICATED' } });
}

function isClosed(needs: Needs, name: string): boolean {
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

function withDirectives(sdl: string, names: ReadonlySet<string>): string {
  const authenticated = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'authenticated' } } as const;
  const document = parse(sdl);
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return node;
    const fields = node.fields?.map((field) =>
      names.has(`${node.name.value}.${field.name.value}`)
        ? { ...field, directives: [...(field.directives ?? []), authenticated] }
        : field,
    );
    return { ...node, ...(fields ? { fields } : {}) };
  });
  return `${print({ ...document, definitions })}\ndirective @authenticated on FIELD_DEFINITION`;
}

describe.each([shop, zoo, gallery, failing])('$name, with fields closed to visitors', (world: World) => {
  it.each(PLANNER_NAMES)(
    `%s: answers ${SETS} times ${SEEDS} random queries letter by letter as one schema that refuses them`,
    async (planner) => {
      let refusals = 0;
      for (let set = 1; set <= SETS; set += 1) {
        const change = closing(randomOf(set));
        const { whole, answer, expected } = openWorld(world, change, { name: planner });
        const ids = world.rows.map((row) => String(row['id']));
        for (let seed = 1; seed <= SEEDS; seed += 1) {
          const { query, variables } = randomQuery(whole, set * 10_000 + seed, ids);
          const [got, want] = [await answer(query, variables), await expected(query, variables)];
          const about = { set, seed, query, variables };
          expect({ ...about, data: JSON.stringify(got.data), nulls: explainedNulls(got) }).toEqual({
            ...about,
            data: JSON.stringify(want.data),
            nulls: explainedNulls(want),
          });
          refusals += (got.errors ?? []).filter(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED').length;
        }
      }
      expect(refusals).toBeGreaterThan(SETS);
    },
    300_000,
  );
});
