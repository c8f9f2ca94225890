import { type DocumentNode, type FieldDefinitionNode, Kind, parse, type TypeNode } from 'graphql';

/** A list of which nobody says how many it gives has this many, for whoever estimates costs. */
const ASSUMED_PAGE = 20;

/**
 * Writes how long connections are into a subgraph's SDL, by which a gateway estimates costs (IBM GraphQL cost specification,
 * `@listSize`; Apollo Federation 2.9): `edges` has as many items as `first` says. A plain list says by a directive of its own
 * (`assumedSize`) how many it has at most.
 */
export function writeListSizes(sdl: DocumentNode): DocumentNode {
  const definitions = sdl.definitions.map((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.fields ? { ...node, fields: node.fields.map(write) } : node,
  );
  return { ...sdl, definitions };
}

function write(field: FieldDefinitionNode): FieldDefinitionNode {
  const isConnection = nameOf(field.type).endsWith('Connection');
  const isSliced = field.arguments?.some(({ name }) => name.value === 'first') ?? false;
  return isConnection && isSliced ? { ...field, directives: [...(field.directives ?? []), ...LIST_SIZE] } : field;
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

const LIST_SIZE = directivesOf(
  `@listSize(assumedSize: ${ASSUMED_PAGE}, slicingArguments: ["first"], sizedFields: ["edges"], requireOneSlicingArgument: false)`,
);

function directivesOf(text: string) {
  const [node] = parse(`type Query { field: Int ${text} }`, { noLocation: true }).definitions;
  return (node?.kind === Kind.OBJECT_TYPE_DEFINITION && node.fields?.[0]?.directives) || [];
}
