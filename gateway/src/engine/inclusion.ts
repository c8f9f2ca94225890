import { type DirectiveNode, type DocumentNode, Kind, type SelectionNode, visit } from 'graphql';

/** Answers whether `@include` and `@skip` (GraphQL, section 3.13) leave a selection in. */
export type Inclusion = (node: SelectionNode) => boolean;

/** The variables on which `@include` and `@skip` depend somewhere in a document, by name. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (node) => {
      const value = conditionOf(node);
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names].sort();
}

/** @param variables coerced; a condition's variable is never missing then */
export function inclusionOf(variables: Readonly<Record<string, unknown>>): Inclusion {
  return (node) =>
    (node.directives ?? []).every((directive) => {
      const value = conditionOf(directive);
      if (value === undefined) return true;
      const holds = value.kind === Kind.VARIABLE ? variables[value.name.value] === true : isTrue(value);
      return holds === (directive.name.value === 'include');
    });
}

function conditionOf({ name, arguments: given }: DirectiveNode) {
  return name.value === 'include' || name.value === 'skip' ? given?.[0]?.value : undefined;
}

function isTrue(value: NonNullable<ReturnType<typeof conditionOf>>): boolean {
  return value.kind === Kind.BOOLEAN && value.value;
}
