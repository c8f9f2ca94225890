import {
  type FieldNode,
  GraphQLError,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Denied, NOTHING_DENIED } from './access/guards.ts';
import type { Denial } from './access/need.ts';
import { collect, type Reading } from './collect.ts';
import type { FetchKeys } from './fetch-keys.ts';
import { isShallow, type Json } from './response.ts';
import { SCALARS, scalarKindOf } from './scalars.ts';

/** A selection set made ready for projecting: for each object type, the fields in response order. */
export interface Selection {
  fieldsOf(typename: string): readonly SelectedField[] | undefined;
  /** What holds for every object of an interface, when nothing depends on which it is; undefined when something does. */
  anyFields(): readonly SelectedField[] | undefined;
  /** The type's name where the schema leaves no choice. */
  readonly onlyType: string | undefined;
}

export interface SelectedField {
  /** What the client calls it. */
  readonly responseKey: string;
  /** The same as it stands before the value in JSON. */
  readonly jsonKey: string;
  /** What it is called in what the fetches brought. */
  readonly fetchKey: string;
  readonly shape: Shape;
  readonly content: Content;
}

/** Which lists and nulls stand around a value. */
export interface Shape {
  readonly isNonNull: boolean;
  /** The shape of the items, when it is a list. */
  readonly item: Shape | null;
}

export type Content =
  | { readonly kind: 'object'; readonly selection: Selection }
  | { readonly kind: 'leaf'; readonly isValid: (value: Json) => boolean }
  | { readonly kind: 'typename' }
  | { readonly kind: 'introspection' }
  | { readonly kind: 'denied'; readonly denial: Denial };

/**
 * Compiles an operation's selections over the public schema, for the conditions that hold.
 *
 * @param denied what the caller may not have, which is null in its answer
 * @throws GraphQLError for an alias that means something else already
 */
export function compileSelection(
  operation: OperationDefinitionNode,
  reading: Reading,
  keys: FetchKeys,
  denied: Denied = NOTHING_DENIED,
): Selection {
  const root = reading.schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no ${operation.operation}.`);
  return new Compiler(reading, keys, denied).selection([operation.selectionSet], root);
}

class Compiler {
  readonly #reading: Reading;
  readonly #keys: FetchKeys;
  readonly #denied: Denied;

  constructor(reading: Reading, keys: FetchKeys, denied: Denied) {
    this.#reading = reading;
    this.#keys = keys;
    this.#denied = denied;
  }

  selection(sets: readonly SelectionSetNode[], type: GraphQLOutputType): Selection {
    const named = getNamedType(type);
    const made = new Map<string, readonly SelectedField[]>();
    let any: readonly SelectedField[] | null | undefined = null;
    return {
      anyFields: () => {
        if (any === null) any = this.#anyFields(sets, named);
        return any;
      },
      onlyType: isObjectType(named) ? named.name : undefined,
      fieldsOf: (typename) => {
        const known = made.get(typename);
        if (known) return known;
        const object = this.#reading.schema.getType(typename);
        if (!isObjectType(object)) return undefined;
        const { fields } = collect(sets, typename, this.#reading);
        const selected = [...fields].map(([responseKey, nodes]) => this.#field(responseKey, nodes, object));
        made.set(typename, selected);
        return selected;
      },
    };
  }

  #anyFields(sets: readonly SelectionSetNode[], type: GraphQLNamedType): readonly SelectedField[] | undefined {
    if (!isInterfaceType(type)) return undefined;
    const { fields, narrower } = collect(sets, type.name, this.#reading);
    const dependsOnType = narrower.size > 0 || [...fields.values()].some(([node]) => node?.name.value === '__typename');
    return dependsOnType ? undefined : [...fields].map(([key, nodes]) => this.#field(key, nodes, type));
  }

  #field(
    responseKey: string,
    nodes: readonly FieldNode[],
    object: GraphQLObjectType | GraphQLInterfaceType,
  ): SelectedField {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (!node || name.startsWith('__')) return metaField(responseKey, name);
    const field = object.getFields()[name];
    if (!field) throw new GraphQLError(`${object.name} has no field ${name}.`);
    const allowed = this.#denied.size > 0 ? nodes.filter((each) => !this.#denied.has(each)) : nodes;
    const denial = allowed.length === 0 ? this.#denied.get(node) : undefined;
    const sets = allowed.flatMap(({ selectionSet }) => selectionSet ?? []);
    const content: Content = denial ? { kind: 'denied', denial } : this.#content(field.type, sets);
    const jsonKey = jsonKeyOf(responseKey);
    return { responseKey, jsonKey, fetchKey: this.#keys.keyOf(node), shape: shapeOf(field.type), content };
  }

  #content(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Content {
    const named = getNamedType(type);
    if (isCompositeType(named)) return { kind: 'object', selection: this.selection(sets, type) };
    if (isScalarType(named)) {
      const kind = scalarKindOf(named);
      return { kind: 'leaf', isValid: kind ? SCALARS[kind] : isShallow };
    }
    const names = new Set<Json>(named.getValues().map((value) => value.name));
    return { kind: 'leaf', isValid: (value) => names.has(value) };
  }
}

function metaField(responseKey: string, name: string): SelectedField {
  const kind = name === '__typename' ? 'typename' : 'introspection';
  const shape = { isNonNull: false, item: null };
  return { responseKey, jsonKey: jsonKeyOf(responseKey), fetchKey: responseKey, shape, content: { kind } };
}

function jsonKeyOf(responseKey: string): string {
  return `${JSON.stringify(responseKey)}:`;
}

function shapeOf(type: GraphQLOutputType): Shape {
  const isNonNull = isNonNullType(type);
  const inner = isNonNull ? type.ofType : type;
  return { isNonNull, item: isListType(inner) ? shapeOf(inner.ofType) : null };
}
