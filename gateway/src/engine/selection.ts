import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isJsonObject, type Json } from './response.ts';

/** A selection set made ready for projecting: for each object type, the fields in response order. */
export interface Selection {
  fieldsOf(typename: string): readonly SelectedField[] | undefined;
  /** The type's name where the schema leaves no choice. */
  readonly onlyType: string | undefined;
}

export interface SelectedField {
  readonly responseKey: string;
  readonly shape: Shape;
  readonly content: Content;
  /** Every way by which the field is asked for: it is included when one of them holds. Null: always. */
  readonly conditions: readonly (readonly Condition[])[] | null;
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
  | { readonly kind: 'introspection' };

/** An `@include` (wanted true) or `@skip` (wanted false) on a variable. */
export interface Condition {
  readonly variable: string;
  readonly wanted: boolean;
}

interface Collected {
  readonly nodes: FieldNode[];
  readonly conditions: (readonly Condition[])[];
}

/**
 * Compiles an operation's selections over the public schema (GraphQL, section 6.3.2), once a document.
 *
 * @throws GraphQLError for an alias in the names that introspection reserves
 */
export function compileSelection(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Selection {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no ${operation.operation}.`);
  return new Compiler(schema, fragments).selection([operation.selectionSet], root);
}

class Compiler {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  selection(sets: readonly SelectionSetNode[], type: GraphQLOutputType): Selection {
    const named = getNamedType(type);
    const made = new Map<string, readonly SelectedField[]>();
    return {
      onlyType: isObjectType(named) ? named.name : undefined,
      fieldsOf: (typename) => {
        const known = made.get(typename);
        if (known) return known;
        const object = this.#schema.getType(typename);
        if (!isObjectType(object)) return undefined;
        const fields = this.#fields(sets, object);
        made.set(typename, fields);
        return fields;
      },
    };
  }

  #fields(sets: readonly SelectionSetNode[], object: GraphQLObjectType): readonly SelectedField[] {
    const collected = new Map<string, Collected>();
    for (const set of sets) this.#collect(set, object, [], collected);
    return [...collected].map(([responseKey, { nodes, conditions }]) => ({
      responseKey,
      ...this.#typed(nodes, object),
      conditions: conditions.some((path) => path.length === 0) ? null : conditions,
    }));
  }

  #typed(nodes: readonly FieldNode[], object: GraphQLObjectType): Pick<SelectedField, 'shape' | 'content'> {
    const name = nodes[0]?.name.value ?? '';
    if (name === '__typename') return { shape: { isNonNull: true, item: null }, content: { kind: 'typename' } };
    if (name.startsWith('__')) return { shape: { isNonNull: false, item: null }, content: { kind: 'introspection' } };
    const field = object.getFields()[name];
    if (!field) throw new GraphQLError(`${object.name} has no field ${name}.`);
    const sets = nodes.flatMap((node) => node.selectionSet ?? []);
    return { shape: shapeOf(field.type), content: this.#content(field.type, sets) };
  }

  #content(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): Content {
    const named = getNamedType(type);
    if (isCompositeType(named)) return { kind: 'object', selection: this.selection(sets, type) };
    if (!isEnumType(named)) {
      // A scalar of the schema's own may be any JSON; the specified ones are never objects.
      const isOpaque = !isSpecifiedScalarType(named);
      return { kind: 'leaf', isValid: (value) => isOpaque || !(isJsonObject(value) || Array.isArray(value)) };
    }
    const names = new Set<Json>(named.getValues().map((value) => value.name));
    return { kind: 'leaf', isValid: (value) => names.has(value) };
  }

  #collect(
    set: SelectionSetNode,
    object: GraphQLObjectType,
    path: readonly Condition[],
    into: Map<string, Collected>,
  ): void {
    for (const node of set.selections) {
      const conditions = conditionsOf(node);
      if (conditions === 'never') continue;
      const here = conditions.length === 0 ? path : [...path, ...conditions];
      if (node.kind === Kind.FIELD) {
        const key = responseKeyOf(node);
        const known = into.get(key) ?? { nodes: [], conditions: [] };
        known.nodes.push(node);
        known.conditions.push(here);
        into.set(key, known);
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(node.name.value) : node;
      if (fragment && this.#applies(fragment.typeCondition?.name.value, object))
        this.#collect(fragment.selectionSet, object, here, into);
    }
  }

  #applies(condition: string | undefined, object: GraphQLObjectType): boolean {
    if (condition === undefined || condition === object.name) return true;
    const type = this.#schema.getType(condition);
    return isAbstractType(type) && this.#schema.isSubType(type, object);
  }
}

/** GraphQL, section 2.1.8: names with two underscores belong to introspection; `__typename` and `__proto__` must mean one thing. */
function responseKeyOf({ alias, name }: FieldNode): string {
  if (alias?.value.startsWith('__') && alias.value !== name.value)
    throw new GraphQLError(`The alias ${alias.value} begins with two underscores; those names are reserved.`, {
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  return alias?.value ?? name.value;
}

function shapeOf(type: GraphQLOutputType): Shape {
  const isNonNull = isNonNullType(type);
  const inner = isNonNull ? type.ofType : type;
  return { isNonNull, item: isListType(inner) ? shapeOf(inner.ofType) : null };
}

function conditionsOf(node: SelectionNode): readonly Condition[] | 'never' {
  if (!node.directives?.length) return [];
  const conditions: Condition[] = [];
  for (const directive of node.directives) {
    const wanted = directive.name.value === 'include';
    if (!wanted && directive.name.value !== 'skip') continue;
    const value = directive.arguments?.[0]?.value;
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, wanted });
    else if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return 'never';
  }
  return conditions;
}
