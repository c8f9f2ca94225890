import {
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql';
import { collect, type Reading } from './collect.ts';
import type { FetchKeys } from './fetch-keys.ts';

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * An operation as the planner gets it: no conditions, no named fragments, each field once, names that collide with nothing.
 * Planners differ in what else they understand.
 *
 * @returns null when there is nothing to ask a subgraph
 */
export function normalizeOperation(
  operation: OperationDefinitionNode,
  reading: Reading,
  keys: FetchKeys,
): OperationDefinitionNode | null {
  const root = reading.schema.getRootType(operation.operation);
  if (!root) return null;
  const selectionSet = normalizeSet([operation.selectionSet], root.name, reading, keys);
  if (selectionSet.selections.every((node) => node === TYPENAME)) return null;
  const { directives: _conditions, ...bare } = operation;
  return withoutUnusedVariables({ ...bare, selectionSet });
}

function normalizeSet(
  sets: readonly SelectionSetNode[],
  typename: string,
  reading: Reading,
  keys: FetchKeys,
): SelectionSetNode {
  const { fields, narrower } = collect(sets, typename, reading);
  const selections: SelectionNode[] = [];
  const isOpen = isAbstractType(reading.schema.getType(typename));
  for (const nodes of fields.values()) {
    const [field] = nodes;
    if (isOpen && field?.name.value === '__typename' && !selections.includes(TYPENAME)) selections.push(TYPENAME);
    if (field && !field.name.value.startsWith('__'))
      selections.push(normalizeField(field, nodes, typename, reading, keys));
  }
  for (const [condition, inner] of narrower) {
    const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: condition } } as const;
    const selectionSet = normalizeSet(inner, condition, reading, keys);
    selections.push({ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet });
  }
  return { kind: Kind.SELECTION_SET, selections: selections.length > 0 ? selections : [TYPENAME] };
}

function normalizeField(
  { name, arguments: given }: FieldNode,
  nodes: readonly FieldNode[],
  typename: string,
  reading: Reading,
  keys: FetchKeys,
): FieldNode {
  const [field] = nodes;
  const key = field ? keys.keyOf(field) : name.value;
  const sets = nodes.flatMap((node) => node.selectionSet ?? []);
  const type = fieldType(reading.schema, typename, name.value);
  return {
    kind: Kind.FIELD,
    name,
    ...(key === name.value ? {} : { alias: { kind: Kind.NAME, value: key } }),
    ...(given?.length ? { arguments: given } : {}),
    ...(type ? { selectionSet: normalizeSet(sets, type, reading, keys) } : {}),
  };
}

/** The name of the type that a field's own fields are on; undefined for a leaf. */
function fieldType(schema: GraphQLSchema, typename: string, name: string): string | undefined {
  const type = schema.getType(typename);
  const field = type && 'getFields' in type && isCompositeType(type) ? type.getFields()[name] : TypeNameMetaFieldDef;
  const named = field && getNamedType(field.type);
  return named && isCompositeType(named) ? named.name : undefined;
}

function withoutUnusedVariables(operation: OperationDefinitionNode): OperationDefinitionNode {
  const used = new Set<string>();
  visit(operation.selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  return { ...operation, variableDefinitions };
}
