import { type DirectiveNode, Kind, type SelectionNode, type ValueNode } from 'graphql';

/** Answers whether `@include` and `@skip` (GraphQL, section 3.13) leave a selection in. */
export type Inclusion = (node: SelectionNode) => boolean;

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

/** What decides, when a directive is one of the two. */
export function conditionOf({ name, arguments: given }: DirectiveNode): ValueNode | undefined {
  return name.value === 'include' || name.value === 'skip' ? given?.[0]?.value : undefined;
}

function isTrue(value: NonNullable<ReturnType<typeof conditionOf>>): boolean {
  return value.kind === Kind.BOOLEAN && value.value;
}
