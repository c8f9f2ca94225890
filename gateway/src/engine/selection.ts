import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** A selection set made ready for projecting: for each object type, the fields in response order. */
export interface Selection {
  fieldsOf(typename: string): readonly SelectedField[] | undefined;
  /** The type's name where the schema leaves no choice. */
  readonly onlyType: string | undefined;
}

export interface SelectedField {
  readonly responseKey: string;
  readonly name: string;
  readonly type: GraphQLOutputType;
  /** Null for a leaf. */
  readonly selection: Selection | null;
  /** Every way by which the field is asked for: it is included when one of them holds. Empty: always. */
  readonly conditions: readonly (readonly Condition[])[];
}

/** An `@include` (wanted true) or `@skip` (wanted false) on a variable. */
export interface Condition {
  readonly variable: string;
  readonly wanted: boolean;
}

interface Collected {
  readonly nodes: FieldNode[];
  readonly conditions: (readonly Condition[])[];
}

/** Compiles an operation's selections over the public schema, once a document. */
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
    return [...collected].flatMap(([responseKey, { nodes, conditions }]) => {
      const name = nodes[0]?.name.value ?? '';
      if (name.startsWith('__') && name !== '__typename') return [];
      const type = object.getFields()[name]?.type ?? this.#schema.getType('String');
      if (!type || !('toString' in type)) return [];
      const output = type as GraphQLOutputType;
      const sets = nodes.flatMap((node) => node.selectionSet ?? []);
      const selection = isCompositeType(getNamedType(output)) ? this.selection(sets, output) : null;
      const always = conditions.some((path) => path.length === 0);
      return [{ responseKey, name, type: output, selection, conditions: always ? [] : conditions }];
    });
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
      const here = [...path, ...conditions];
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
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

function conditionsOf(node: SelectionNode): readonly Condition[] | 'never' {
  const conditions: Condition[] = [];
  for (const directive of node.directives ?? []) {
    const wanted = directive.name.value === 'include';
    if (!wanted && directive.name.value !== 'skip') continue;
    const value = directive.arguments?.[0]?.value;
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, wanted });
    else if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return 'never';
  }
  return conditions;
}
