import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Inclusion } from './inclusion.ts';

/** What selections are read with. */
export interface Reading {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly isIncluded: Inclusion;
}

/** Selection sets on one type, sorted: fields by response key, and what holds only for some of its objects. */
export interface Collected {
  readonly fields: Map<string, FieldNode[]>;
  /** By the name of the type that they are for. */
  readonly narrower: Map<string, SelectionSetNode[]>;
}

/** A document's fragments, by name. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  return fragments;
}

/**
 * Collects the fields of some selection sets on one type (GraphQL, section 6.3.2). On an object type nothing is narrower: a
 * fragment is either for it or not.
 *
 * @throws GraphQLError for an alias that means something else already
 */
export function collect(sets: readonly SelectionSetNode[], typename: string, reading: Reading): Collected {
  const collected: Collected = { fields: new Map(), narrower: new Map() };
  for (const set of sets) collectInto(collected, set, typename, reading);
  return collected;
}

/** What a field is called in the answer. */
export function responseKeyOf({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

function collectInto(into: Collected, { selections }: SelectionSetNode, typename: string, reading: Reading): void {
  for (const node of selections) {
    if (!reading.isIncluded(node)) continue;
    if (node.kind === Kind.FIELD) {
      verifyAlias(node);
      push(into.fields, responseKeyOf(node), node);
      continue;
    }
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? reading.fragments.get(node.name.value) : node;
    if (!fragment) continue;
    const condition = fragment.typeCondition?.name.value ?? typename;
    if (includes(condition, typename, reading)) collectInto(into, fragment.selectionSet, typename, reading);
    else if (overlaps(condition, typename, reading)) push(into.narrower, condition, fragment.selectionSet);
  }
}

/**
 * Names with two underscores are reserved in type systems, and nobody forbids a client such an alias (GraphQL, section 2.1.8; Relay
 * writes `__id: id` and `__isNode: __typename`). Refused is what could not mean one thing: another field under a name of
 * introspection, and `__proto__`, which as a key of an object is what the object inherits from.
 */
function verifyAlias({ alias, name }: FieldNode): void {
  if (!alias || !AMBIGUOUS.has(alias.value) || alias.value === name.value) return;
  throw new GraphQLError(`The alias ${alias.value} stands for something else.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
}

const AMBIGUOUS: ReadonlySet<string> = new Set(['__schema', '__type', '__typename', '__proto__']);

/** Answers whether what is asked under a condition may as well be asked of the type itself. */
function includes(condition: string, typename: string, { schema }: Reading): boolean {
  if (condition === typename) return true;
  const [wider, type] = [schema.getType(condition), schema.getType(typename)];
  if (!isAbstractType(wider)) return false;
  if ((isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wider, type)) return true;
  // A union has no fields of its own; where all objects of a type are its members, only what it narrows to is left.
  return isUnionType(wider) && isSubset(possibleNames(type, schema), possibleNames(wider, schema));
}

function isSubset(names: readonly string[], among: readonly string[]): boolean {
  const set = new Set(among);
  return names.every((name) => set.has(name));
}

function overlaps(condition: string, typename: string, { schema }: Reading): boolean {
  const [other, type] = [schema.getType(condition), schema.getType(typename)];
  const names = new Set(possibleNames(other, schema));
  return possibleNames(type, schema).some((name) => names.has(name));
}

function possibleNames(type: ReturnType<GraphQLSchema['getType']>, schema: GraphQLSchema): readonly string[] {
  if (isAbstractType(type)) return schema.getPossibleTypes(type).map(({ name }) => name);
  return type ? [type.name] : [];
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
