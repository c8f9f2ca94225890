import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

type Type = GraphQLNamedType | undefined;

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Completes a planned operation, or gives it back as it is. */
export type Complete = (operation: string) => string;

/**
 * Completes planned operations of a supergraph. One without a field that leaves open what comes back is not even read: most are
 * such, and reading and printing each was a tenth of planning.
 *
 * @param schema of the whole supergraph
 */
export function createCompletion(schema: GraphQLSchema): Complete {
  const open = new Set(Object.values(schema.getTypeMap()).flatMap(openFields));
  if (open.size === 0) return (operation) => operation;
  const mayBeOpen = new RegExp(`\\b(?:${[...open].join('|')})\\b`);
  return (operation) => (mayBeOpen.test(operation) ? completeTypenames(operation, schema) : operation);
}

/** Names of the fields of a type that give an interface or a union. */
function openFields(type: GraphQLNamedType): readonly string[] {
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields())
    .filter((field) => isAbstractType(getNamedType(field.type)))
    .map(({ name }) => name);
}

/**
 * Completes a planned operation with `__typename` wherever the schema leaves open which object comes back. Asked for before
 * planning, it would be a field like others, which planners go out of their way for; any subgraph can tell it of what it returns.
 * An entity's own set stays as it is: a subgraph that knows an interface as one object (@interfaceObject) gives a name that is none.
 *
 * @param schema of the whole supergraph
 */
function completeTypenames(operation: string, schema: GraphQLSchema): string {
  const document = parse(operation, { noLocation: true });
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return node;
    const root = schema.getRootType(node.operation) ?? undefined;
    return { ...node, selectionSet: completeSet(node.selectionSet, root, schema) };
  });
  return print({ ...document, definitions });
}

function completeSet(set: SelectionSetNode, type: Type, schema: GraphQLSchema): SelectionSetNode {
  const selections = set.selections.map((node) => completeNode(node, type, schema));
  const isOpen = isAbstractType(type) && !set.selections.some(isTypename);
  return { ...set, selections: isOpen ? [TYPENAME, ...selections] : selections };
}

function completeNode(node: SelectionNode, type: Type, schema: GraphQLSchema): SelectionNode {
  if (node.kind === Kind.FRAGMENT_SPREAD) return node;
  if (node.kind === Kind.INLINE_FRAGMENT) {
    const condition = node.typeCondition ? schema.getType(node.typeCondition.name.value) : type;
    return { ...node, selectionSet: completeInner(node.selectionSet, condition, schema) };
  }
  if (!node.selectionSet) return node;
  if (node.name.value === '_entities')
    return { ...node, selectionSet: completeInner(node.selectionSet, undefined, schema) };
  return { ...node, selectionSet: completeSet(node.selectionSet, fieldType(type, node.name.value), schema) };
}

/** A set whose own type is told already, or not to be asked for. */
function completeInner(set: SelectionSetNode, type: Type, schema: GraphQLSchema): SelectionSetNode {
  return { ...set, selections: set.selections.map((node) => completeNode(node, type, schema)) };
}

function fieldType(type: Type, name: string): Type {
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  return field && getNamedType(field.type);
}

function isTypename(node: SelectionNode): boolean {
  return node.kind === Kind.FIELD && node.name.value === '__typename' && !node.alias;
}
