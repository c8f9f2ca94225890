import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../../src/engine/collect.ts';

type Type = GraphQLNamedType | undefined;

/**
 * `Type.field` of everything that a fetch asks for.
 *
 * @param schema of the whole supergraph
 */
export function askedBy(query: string, schema: GraphQLSchema): readonly string[] {
  const document = parse(query);
  const fragments = fragmentsOf(document);
  const names: string[] = [];
  const readField = (node: FieldNode, type: Type) => {
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
    if (field && type) names.push(`${type.name}.${field.name}`);
    // The entities' own types stand in fragments.
    if (node.selectionSet) read(node.selectionSet, field && getNamedType(field.type));
  };
  const read = ({ selections }: SelectionSetNode, type: Type) => {
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        readField(node, type);
        continue;
      }
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const condition = fragment?.typeCondition?.name.value;
      if (fragment) read(fragment.selectionSet, condition === undefined ? type : schema.getType(condition));
    }
  };
  const operation = getOperationAST(document);
  if (operation) read(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return names;
}

/** Names of fields that stand in keys and in what other fields take: those are fetched for the gateway, not for the client. */
export function fieldsOfMachinery(supergraphSdl: string): ReadonlySet<string> {
  const sets = supergraphSdl.matchAll(/(?:key|requires|provides): "([^"]*)"/g);
  return new Set([...sets].flatMap(([, names = '']) => names.match(/\w+/g) ?? []));
}
