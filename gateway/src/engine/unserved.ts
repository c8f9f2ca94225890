import { type DocumentNode, type FieldDefinitionNode, Kind } from 'graphql';

/**
 * Refuses a supergraph with what no plan of ours serves: arguments that a subgraph takes from a context (`@fromContext`, join 0.5:
 * `@join__field(contextArguments:)`). Planned as if they were not there, such a field would be asked for without them, and be wrong.
 *
 * @throws Error that names the first such field
 */
export function verifyServed(supergraph: DocumentNode): void {
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const field = node.fields?.find(takesFromContext);
    if (!field) continue;
    const place = `${node.name.value}.${field.name.value}`;
    throw new Error(`The supergraph has ${place} take arguments from a context (@fromContext), which is not served.`);
  }
}

function takesFromContext({ directives }: FieldDefinitionNode): boolean {
  return (directives ?? []).some(
    ({ name, arguments: given }) =>
      name.value === 'join__field' &&
      given?.some((each) => each.name.value === 'contextArguments' && isFilled(each.value)),
  );
}

function isFilled(value: { readonly kind: Kind; readonly values?: readonly unknown[] }): boolean {
  return value.kind !== Kind.NULL && value.values?.length !== 0;
}
