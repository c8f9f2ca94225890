import { GraphQLError, type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import type { Change, World } from './world.ts';

/** Faults of both forms of a world: the same field of the same row fails in each, whoever asks for it. */
export interface Faults extends Required<Pick<Change, 'whole' | 'part'>> {
  /** Which fields fail is decided by it; null: none. */
  seed: number | null;
}

/** Of a thousand fields. */
const RATE = 40;

/**
 * Makes fields throw errors of all sorts, or be null whatever the schema says. What subgraphs ask each other for, as keys and by
 * `@requires`, stays whole: that such a field is asked for, or where, is the planner's choice.
 */
export function createFaults({ subgraphs }: World): Faults {
  const named = Object.values(subgraphs).flatMap((sdl) =>
    [...sdl.matchAll(/\(fields: "([^"]+)"/g)].map(([, set]) => set),
  );
  const needed = new Set(named.join(' ').match(/\w+/g));
  const faults: Faults = {
    seed: null,
    whole: (schema) => wrap(schema, fail),
    part: (schema) => wrap(schema, fail),
  };
  const fail = (field: string, row: unknown): boolean => {
    if (faults.seed === null || needed.has(field)) return false;
    const id = typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : '';
    const dice = hash(`${faults.seed} ${field} ${id}`);
    if (dice % 1000 >= RATE) return false;
    if (dice % 3 === 0) throw new Error(`${field} of ${id} broke.`);
    if (dice % 3 === 1) throw new GraphQLError(`${field} of ${id} is closed.`, { extensions: { code: 'FORBIDDEN' } });
    return true;
  };
  return faults;
}

type Fail = (field: string, row: unknown) => boolean;

function wrap(schema: GraphQLSchema, fail: Fail): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { name, resolve } = field;
      if (!resolve || name.startsWith('_')) continue;
      const failing: GraphQLFieldResolver<unknown, unknown> = (row, ...rest) =>
        fail(name, row) ? null : resolve(row, ...rest);
      field.resolve = failing;
    }
  }
  return schema;
}

/** FNV-1a, then mixed. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
  return (state ^ (state >>> 16)) >>> 0;
}
