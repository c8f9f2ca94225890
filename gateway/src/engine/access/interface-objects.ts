import { type ConstDirectiveNode, type GraphQLInterfaceType, type GraphQLObjectType, Kind } from 'graphql';

/**
 * The interfaces from which an object has a field that no subgraph of its own tells: one that knows the interface as one object
 * (`@interfaceObject`) tells it for whatever object is behind. Composition writes the field on the object too, without what stands
 * on it there: who may have it, and what it requires, is said on the interface alone.
 */
export function interfacesGiving(type: GraphQLObjectType, fieldName: string): readonly GraphQLInterfaceType[] {
  return type.getInterfaces().filter((each) => gives(each, fieldName));
}

function gives(type: GraphQLInterfaceType, fieldName: string): boolean {
  const types = [type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? []);
  const graphs = types
    .filter((each) => each.name.value === 'join__type' && isTrue(each, 'isInterfaceObject'))
    .flatMap((each) => graphOf(each) ?? []);
  const field = graphs.length > 0 ? type.getFields()[fieldName] : undefined;
  if (!field) return false;
  const joins = field.astNode?.directives?.filter(({ name }) => name.value === 'join__field') ?? [];
  // Without a word about it, a field is in every subgraph that has the type.
  if (joins.length === 0) return true;
  return joins.some((each) => graphs.includes(graphOf(each) ?? '') && !isTrue(each, 'external'));
}

function graphOf(directive: ConstDirectiveNode): string | undefined {
  const value = argumentOf(directive, 'graph');
  return value?.kind === Kind.ENUM ? value.value : undefined;
}

function isTrue(directive: ConstDirectiveNode, name: string): boolean {
  const value = argumentOf(directive, name);
  return value?.kind === Kind.BOOLEAN && value.value;
}

function argumentOf({ arguments: given }: ConstDirectiveNode, name: string) {
  return given?.find((each) => each.name.value === name)?.value;
}
