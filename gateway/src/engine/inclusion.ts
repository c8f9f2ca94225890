import { type DirectiveNode, GraphQLError, Kind, type SelectionNode, type ValueNode } from 'graphql';

/** Answers whether `@include` and `@skip` (GraphQL, section 3.13) leave a selection in. */
export type Inclusion = (node: SelectionNode) => boolean;

/**
 * @param variables coerced; a condition's variable is never missing then, but null may be given where there is a default
 * @returns what throws GraphQLError BAD_USER_INPUT where a condition is null (section 6.4.1: a null in a place that has none)
 */
export function inclusionOf(variables: Readonly<Record<string, unknown>>): Inclusion {
  return (node) =>
    (node.directives ?? []).every((directive) => {
      const value = conditionOf(directive);
      if (value === undefined) return true;
      const holds = value.kind === Kind.VARIABLE ? isGivenTrue(value.name.value, variables) : isTrue(value);
      return holds === (directive.name.value === 'include');
    });
}

/** What decides, when a directive is one of the two. */
export function conditionOf({ name, arguments: given }: DirectiveNode): ValueNode | undefined {
  return name.value === 'include' || name.value === 'skip' ? given?.[0]?.value : undefined;
}

function isGivenTrue(name: string, variables: Readonly<Record<string, unknown>>): boolean {
  if (variables[name] !== null) return variables[name] === true;
  throw new GraphQLError(`The variable $${name} decides what is in the answer and cannot be null.`, {
    extensions: { code: 'BAD_USER_INPUT', problems: [{ path: [name], message: 'A condition cannot be null.' }] },
  });
}

function isTrue(value: NonNullable<ReturnType<typeof conditionOf>>): boolean {
  return value.kind === Kind.BOOLEAN && value.value;
}
