import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  validate,
  visit,
} from 'graphql';
import type { RandomQuery } from './random-query.ts';

/** More are not tried: what is left then is small enough to read. */
const MAX_TRIES = 3_000;

/**
 * Makes a query that fails smaller for as long as it still fails: one selection, directive, argument, alias or fragment less.
 *
 * @param fails answers whether a valid query still shows what is looked for
 */
export async function shrink(
  schema: GraphQLSchema,
  failing: RandomQuery,
  fails: (query: RandomQuery) => Promise<boolean>,
): Promise<RandomQuery> {
  let smallest = failing;
  let tries = 0;
  const next = async (): Promise<RandomQuery | null> => {
    for (const document of smallerDocuments(parse(smallest.query))) {
      const smaller = tidy(document, smallest.variables);
      if (validate(schema, parse(smaller.query)).length > 0) continue;
      tries += 1;
      if (tries > MAX_TRIES) return null;
      if (await fails(smaller)) return smaller;
    }
    return null;
  };
  for (let found = await next(); found; found = await next()) smallest = found;
  return smallest;
}

function* smallerDocuments(document: DocumentNode): Generator<DocumentNode> {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  for (const [index, node] of document.definitions.entries()) {
    if (!('selectionSet' in node)) continue;
    for (const selectionSet of smallerSets(node.selectionSet, fragments))
      yield { ...document, definitions: document.definitions.with(index, { ...node, selectionSet }) };
  }
}

function* smallerSets(
  set: SelectionSetNode,
  fragments: readonly FragmentDefinitionNode[],
): Generator<SelectionSetNode> {
  for (const [index, node] of set.selections.entries()) {
    for (const instead of [[], ...smallerNodes(node, fragments)]) {
      const selections = [...set.selections.slice(0, index), ...instead, ...set.selections.slice(index + 1)];
      if (selections.length > 0) yield { ...set, selections };
    }
  }
}

/** What may stand in a selection's place. */
function* smallerNodes(
  node: SelectionNode,
  fragments: readonly FragmentDefinitionNode[],
): Generator<readonly SelectionNode[]> {
  for (const directive of node.directives ?? [])
    yield [{ ...node, directives: node.directives?.filter((each) => each !== directive) ?? [] }];
  if (node.kind === Kind.FRAGMENT_SPREAD) {
    const fragment = fragments.find(({ name }) => name.value === node.name.value);
    if (fragment) yield [{ ...fragment, kind: Kind.INLINE_FRAGMENT, directives: node.directives ?? [] }];
    return;
  }
  if (node.kind === Kind.INLINE_FRAGMENT) yield node.selectionSet.selections;
  if (node.kind === Kind.FIELD) {
    const { alias, ...bare } = node;
    if (alias) yield [bare];
    for (const argument of node.arguments ?? [])
      yield [{ ...node, arguments: node.arguments?.filter((each) => each !== argument) ?? [] }];
  }
  if (!node.selectionSet) return;
  for (const selectionSet of smallerSets(node.selectionSet, fragments)) yield [{ ...node, selectionSet }];
}

/** Without the fragments and variables that nobody uses any more. */
function tidy(document: DocumentNode, variables: RandomQuery['variables']): RandomQuery {
  const spread = new Set<string>();
  const used = new Set<string>();
  visit(document, {
    FragmentSpread: ({ name }) => void spread.add(name.value),
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  const tidied = visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
    FragmentDefinition: ({ name }) => (spread.has(name.value) ? undefined : null),
  });
  if (tidied.definitions.length < document.definitions.length) return tidy(tidied, variables);
  return {
    query: print(tidied),
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => used.has(name))),
  };
}
