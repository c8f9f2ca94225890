import { type DocumentNode, getOperationAST, Kind, type OperationDefinitionNode, visit } from 'graphql';

/** The argument by which a stream says where it begins. */
const CURSOR = 'after';

/** The name of the variable that says where a stream begins, and nothing else; null where there is none. */
export function cursorVariable(document: DocumentNode, operationName: string | undefined): string | null {
  const operation = getOperationAST(document, operationName);
  const name = operation && rootCursor(operation);
  if (!name) return null;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: (node) => {
      if (node.name.value === name) uses += 1;
    },
  });
  return uses === 1 ? name : null;
}

function rootCursor({ selectionSet }: OperationDefinitionNode): string | null {
  const [root] = selectionSet.selections;
  if (root?.kind !== Kind.FIELD || selectionSet.selections.length !== 1) return null;
  const value = root.arguments?.find(({ name }) => name.value === CURSOR)?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : null;
}
