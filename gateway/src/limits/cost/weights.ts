import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';
import type { CostDirectives, ListSize } from './directives.ts';
import type { CostRules } from './rules.ts';

/** What a field weighs. */
export interface FieldWeight {
  /** Of each thing that it gives, without what is selected of it. */
  readonly each: number;
  /** Of each argument that is given, by name; what weighs nothing is not here. */
  readonly arguments: ReadonlyMap<string, number>;
  /** Lists within lists that it gives. */
  readonly lists: number;
  /** What tells how long its list is, or the list in what it gives. */
  readonly listSize: ListSize | null;
}

/** What fields weigh, once each. */
export interface Weights {
  of(type: string, field: GraphQLField<unknown, unknown>): FieldWeight;
}

/**
 * Weights as Apollo's router reads the specification, so that the same directives give the same figures: `@cost` on a field, else
 * on the type that it gives, else 1 for an object, interface or union and 0 for a scalar or enum; an argument that is an input
 * object weighs 1 too.
 */
export function createWeights(directives: CostDirectives, schema: GraphQLSchema, rules: CostRules): Weights {
  const known = new Map<string, FieldWeight>();
  return {
    of: (type, field) => {
      const coordinate = `${type}.${field.name}`;
      const found = known.get(coordinate);
      if (found) return found;
      const made: FieldWeight = {
        each: directives.weightOf(coordinate) ?? weightOfType(getNamedType(field.type), directives, schema),
        arguments: weightOfArguments(coordinate, field, directives),
        lists: listsIn(field.type),
        listSize: directives.listSizeOf(type, field.name) ?? derived(field, rules),
      };
      known.set(coordinate, made);
      return made;
    },
  };
}

/** Of an interface or a union: the heaviest of what may come. */
function weightOfType(type: GraphQLNamedType, { weightOf }: CostDirectives, schema: GraphQLSchema): number {
  const own = weightOf(type.name);
  if (own !== null) return own;
  if (!isAbstractType(type)) return isCompositeType(type) ? 1 : 0;
  return Math.max(1, ...schema.getPossibleTypes(type).map(({ name }) => weightOf(name) ?? 1));
}

function weightOfArguments(
  coordinate: string,
  field: GraphQLField<unknown, unknown>,
  { weightOf }: CostDirectives,
): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const { name, type } of field.args) {
    const named = getNamedType(type);
    const weight = weightOf(`${coordinate}(${name}:)`) ?? weightOf(named.name) ?? (isInputObjectType(named) ? 1 : 0);
    // Of the fields of an input object, those that say something: all of them, since a variable may give all of them.
    const inside = isInputObjectType(named)
      ? Object.keys(named.getFields()).reduce((sum, each) => sum + (weightOf(`${named.name}.${each}`) ?? 0), 0)
      : 0;
    if (weight + inside !== 0) weights.set(name, weight + inside);
  }
  return weights;
}

function listsIn(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listsIn(nullable.ofType) : 0;
}

/** Relay connections and lists with a usual argument say as much without a directive. */
function derived(field: GraphQLField<unknown, unknown>, rules: CostRules): ListSize | null {
  const slicing = field.args.filter(({ name }) => rules.slicingArguments.includes(name)).map(({ name }) => [name]);
  if (slicing.length === 0) return null;
  const sizedFields = listsIn(field.type) > 0 ? [] : connectionLists(getNamedType(field.type));
  if (sizedFields === null) return null;
  return { assumedSize: null, slicingArguments: slicing, sizedFields, requireOneSlicingArgument: false };
}

/** `edges` and `nodes` (Relay Cursor Connections Specification, 2), where they are lists; null for what is no connection. */
function connectionLists(type: GraphQLNamedType): readonly (readonly string[])[] | null {
  if (!isObjectType(type)) return null;
  const fields = type.getFields();
  const lists = ['edges', 'nodes'].filter((name) => fields[name] && listsIn(fields[name].type) > 0);
  return lists.length > 0 ? lists.map((name) => [name]) : null;
}
