import { type FieldNode, type GraphQLField, Kind, type ValueNode } from 'graphql';
import type { ListSize } from './directives.ts';
import { type Formula, type Variables, variableIn } from './formula.ts';
import type { CostRules } from './rules.ts';

/** Reads one slicing argument of a request; null when it is not given, or is less than nothing. */
type Slice = (variables: Variables) => number | null;

/**
 * How many things a list gives: the largest of the slicing arguments that are given, else of their defaults, else the size that is
 * assumed, else the rule's.
 *
 * @param defaults values of the operation's variables that a request leaves out
 */
export function listLength(
  size: ListSize | null,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  defaults: Variables,
  { listSize, largestPage }: CostRules,
): Formula {
  if (!size) return listSize;
  const bounded = (length: number) => Math.min(Math.max(length, 0), largestPage ?? Number.MAX_SAFE_INTEGER);
  const otherwise = bounded(
    greatest(size.slicingArguments.map((path) => defaultOf(field, path))) ?? size.assumedSize ?? listSize,
  );
  const slices = size.slicingArguments.map((path) => sliceOf(node, path, defaults));
  const length = (variables: Variables) => {
    const found = greatest(slices.map((slice) => slice(variables)));
    return found === null ? otherwise : bounded(found);
  };
  return node.arguments?.some(({ value }) => mentionsVariable(value)) ? length : length({});
}

/** How many slicing arguments a field is given: a variable counts as one, and so does a default where nothing is given. */
export function countSlices(size: ListSize, field: GraphQLField<unknown, unknown>, node: FieldNode): number {
  const given = size.slicingArguments.filter((path) => node.arguments?.some(({ name }) => name.value === path[0]));
  const offered = size.slicingArguments.filter((path) => defaultOf(field, path) !== null);
  return given.length || Math.min(offered.length, 1);
}

function greatest(lengths: readonly (number | null)[]): number | null {
  return lengths.reduce((most, each) => (each === null ? most : Math.max(most ?? 0, each)), null);
}

function valueAt(node: FieldNode, [argument]: readonly string[]): ValueNode | undefined {
  return node.arguments?.find(({ name }) => name.value === argument)?.value;
}

/** An object may be a variable at any depth; then it is read when the request comes. */
function mentionsVariable(value: ValueNode): boolean {
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => mentionsVariable(field.value));
  return value.kind === Kind.VARIABLE;
}

function literal(value: ValueNode | undefined): number | null {
  return value?.kind === Kind.INT ? lengthOf(Number(value.value)) : null;
}

function sliceOf(node: FieldNode, [argument = '', ...inside]: readonly string[], defaults: Variables): Slice {
  let value = valueAt(node, [argument]);
  const rest = [...inside];
  while (value?.kind === Kind.OBJECT && rest.length > 0) {
    const name = rest.shift();
    value = value.fields.find((field) => field.name.value === name)?.value;
  }
  if (value?.kind !== Kind.VARIABLE) {
    const known = literal(value);
    return () => known;
  }
  const { value: variable } = value.name;
  return (variables) => numberAt(variableIn(variables, variable, defaults), rest);
}

function defaultOf(field: GraphQLField<unknown, unknown>, [argument, ...inside]: readonly string[]): number | null {
  return numberAt(field.args.find(({ name }) => name === argument)?.defaultValue, inside);
}

function numberAt(value: unknown, path: readonly string[]): number | null {
  const [name, ...rest] = path;
  if (name === undefined) return lengthOf(value);
  return isRecord(value) && Object.hasOwn(value, name) ? numberAt(value[name], rest) : null;
}

/** What a subgraph makes of a negative length is its own affair, and maybe a page: it tells nothing. */
function lengthOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
