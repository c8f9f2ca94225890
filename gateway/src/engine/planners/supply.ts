import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  valueFromASTUntyped,
} from 'graphql';

/** Which subgraphs a supergraph's plain types and fields come from (the join specification, version 0.2 and later). */
export interface Supply {
  /** Undefined for what is not plain: interfaces, unions, and objects of which a subgraph knows only an interface. */
  typeOf(name: string): TypeSupply | undefined;
}

export interface TypeSupply {
  /** Without those that take more than their own subgraph: `@requires`, `@provides`, `@override`, `@fromContext`. */
  readonly fields: ReadonlyMap<string, FieldSupply>;
  /**
   * The key by which an object that one subgraph gave is found in another: names of leaves, which the first one tells itself.
   * Undefined when there is none, or more than one to choose from.
   */
  keyBetween(from: string, to: string): readonly string[] | undefined;
}

export interface FieldSupply {
  readonly subgraphs: ReadonlySet<string>;
  /** The subgraph, when it is one. */
  readonly only: string | undefined;
  /** Whether a list, or lists of lists, stand around the value. */
  readonly isList: boolean;
}

/** The words of `@join__field` that leave a field plain. */
const PLAIN = new Set(['graph', 'external']);

/** Reads the join directives of a supergraph. One that is composed by an earlier version of them has nothing plain. */
export function readSupply(supergraph: DocumentNode): Supply {
  const types = new Map<string, TypeSupply>();
  if (isReadable(supergraph)) {
    const subgraphs = subgraphsOf(supergraph);
    for (const node of supergraph.definitions) {
      const type = node.kind === Kind.OBJECT_TYPE_DEFINITION ? readType(node, subgraphs) : undefined;
      if (type && node.kind === Kind.OBJECT_TYPE_DEFINITION) types.set(node.name.value, type);
    }
  }
  return { typeOf: (name) => types.get(name) };
}

function isReadable({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (node) =>
      node.kind === Kind.DIRECTIVE_DEFINITION &&
      node.name.value === 'join__field' &&
      node.arguments?.some(({ name }) => name.value === 'external'),
  );
}

/** Names of subgraphs, by what the supergraph calls them. */
function subgraphsOf({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const node of definitions)
    if (node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph')
      for (const value of node.values ?? [])
        for (const { name } of directives(value.directives, 'join__graph')) found.set(value.name.value, String(name));
  return found;
}

function readType(node: ObjectTypeDefinitionNode, names: ReadonlyMap<string, string>): TypeSupply | undefined {
  const joins = directives(node.directives, 'join__type').map((join) => ({
    join,
    subgraph: names.get(String(join['graph'])),
  }));
  if (joins.some(({ join, subgraph }) => join['isInterfaceObject'] === true || subgraph === undefined))
    return undefined;
  const everywhere = new Set(joins.flatMap(({ subgraph }) => subgraph ?? []));
  const fields = new Map<string, FieldSupply>();
  for (const field of node.fields ?? []) {
    const supply = readField(field, everywhere, names);
    if (supply) fields.set(field.name.value, supply);
  }
  const keys = joins
    .filter(({ join }) => typeof join['key'] === 'string' && join['resolvable'] !== false)
    .map(({ join, subgraph }) => ({
      subgraph,
      names: String(join['key'])
        .trim()
        .split(/[\s,]+/),
    }));
  const tells = (subgraph: string, name: string) => fields.get(name)?.subgraphs.has(subgraph) === true;
  return {
    fields,
    keyBetween: (from, to) => {
      const [key, another] = keys.filter(
        (each) => each.subgraph === to && each.names.every((name) => tells(from, name)),
      );
      return another ? undefined : key?.names;
    },
  };
}

function readField(
  { directives: given, type }: FieldDefinitionNode,
  everywhere: ReadonlySet<string>,
  names: ReadonlyMap<string, string>,
): FieldSupply | undefined {
  const joins = directives(given, 'join__field');
  const subgraphs = new Set(everywhere);
  if (joins.length > 0) subgraphs.clear();
  for (const join of joins) {
    const name = names.get(String(join['graph']));
    if (name === undefined || Object.keys(join).some((word) => !PLAIN.has(word))) return undefined;
    if (join['external'] !== true) subgraphs.add(name);
  }
  const [only] = subgraphs;
  return { subgraphs, only: subgraphs.size === 1 ? only : undefined, isList: isList(type) };
}

function isList(type: TypeNode): boolean {
  return type.kind === Kind.LIST_TYPE || (type.kind === Kind.NON_NULL_TYPE && isList(type.type));
}

function directives(given: readonly ConstDirectiveNode[] | undefined, name: string): Record<string, unknown>[] {
  return (given ?? [])
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: words = [] }) =>
      Object.fromEntries(words.map((word) => [word.name.value, valueFromASTUntyped(word.value)])),
    );
}
