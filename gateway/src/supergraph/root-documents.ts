import {
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  OperationTypeNode,
} from 'graphql';

/** A field at a schema's root, and a document that asks for it. */
export interface RootDocument {
  /** Such as `Query.asset`. */
  readonly field: string;
  readonly text: string;
}

/** For each field at a root a document that asks for all of its type that can be had without an argument, one level deep. */
export function rootDocuments(schema: GraphQLSchema): readonly RootDocument[] {
  return Object.values(OperationTypeNode).flatMap((operation) => {
    const root = schema.getRootType(operation);
    const fields = Object.values(root?.getFields() ?? {});
    return fields.map((field) => ({ field: `${root?.name}.${field.name}`, text: textOf(operation, field) }));
  });
}

function textOf(operation: OperationTypeNode, field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter(isRequiredArgument);
  const variables = required.map(({ name, type }) => `$${name}: ${type}`).join(' ');
  const values = required.map(({ name }) => `${name}: $${name}`).join(' ');
  const listed = (text: string) => (text === '' ? '' : `(${text})`);
  return `${operation} ${listed(variables)} { ${field.name}${listed(values)} ${selectionOf(field)} }`;
}

function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return '';
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const leaves = fields.filter((each) => isLeafType(getNamedType(each.type)) && !each.args.some(isRequiredArgument));
  return `{ __typename ${leaves.map(({ name }) => name).join(' ')} }`;
}
