import { type DocumentNode, type FieldDefinitionNode, getOperationAST, Kind, parse } from 'graphql';

/** Answers whether a subscription's field says that only its newest event matters. */
export type IsLatestOnly = (document: DocumentNode, operationName: string | undefined) => boolean;

/** The name of the `@tag` (Apollo Federation 2) by which a subgraph says so. */
const TAG = 'latest-only';

/** Reads which fields say so. What stands at the root in any other way than as a field counts as one that does not. */
export function readLatestOnly(supergraphSdl: string): IsLatestOnly {
  const { definitions } = parse(supergraphSdl, { noLocation: true });
  const root = definitions
    .flatMap((node) => (node.kind === Kind.SCHEMA_DEFINITION ? node.operationTypes : []))
    .find(({ operation }) => operation === 'subscription')?.type.name.value;
  const fields = definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === root ? (node.fields ?? []) : [],
  );
  const tagged = new Set(fields.filter(isTagged).map(({ name }) => name.value));
  return (document, operationName) => {
    const [field, ...others] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
    return field?.kind === Kind.FIELD && others.length === 0 && tagged.has(field.name.value);
  };
}

function isTagged({ directives }: FieldDefinitionNode): boolean {
  return (directives ?? []).some(
    ({ name, arguments: given }) =>
      name.value === 'tag' &&
      given?.some((each) => each.name.value === 'name' && each.value.kind === Kind.STRING && each.value.value === TAG),
  );
}
