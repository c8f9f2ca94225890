import {
  buildASTSchema,
  type DirectiveNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  validateSchema,
  visit,
} from 'graphql';

/** Told of one text: an operator mends the first, and the rest often with it. */
const MOST_TOLD = 3;

/** @throws Error that says what keeps a text from being GraphQL, and where */
export function parseSdl(place: string, sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (cause) {
    throw new Error(`${place} is no GraphQL schema: ${toldOf(cause)}`, { cause });
  }
}

/**
 * Holds a supergraph to what a composition promises and a planner relies on, which may end its process over anything else: a valid
 * schema (GraphQL, section 3), and no subgraph named by `graph:` that is not one of its `join__Graph`. Other directives are whose they
 * are: composers leave some undefined, or put them where their definition does not.
 *
 * @throws Error that says what is wrong, and where
 */
export function verifyComposed(place: string, document: DocumentNode, graphs: EnumTypeDefinitionNode): void {
  const problems: readonly unknown[] = [
    ...unknownGraphs(document, graphs),
    ...validateSchema(schemaOf(place, document)),
  ];
  if (problems.length === 0) return;
  const told = problems.slice(0, MOST_TOLD).map(toldOf).join(' ');
  const others = problems.length - MOST_TOLD;
  throw new Error(`${place} is no supergraph: ${told}${others > 0 ? ` And ${others} more.` : ''}`);
}

function schemaOf(place: string, document: DocumentNode): GraphQLSchema {
  try {
    return buildASTSchema(visit(document, { Directive: () => null }));
  } catch (cause) {
    throw new Error(`${place} is no GraphQL schema: ${toldOf(cause)}`, { cause });
  }
}

function unknownGraphs(document: DocumentNode, { values = [] }: EnumTypeDefinitionNode): GraphQLError[] {
  const known = new Set(values.map(({ name }) => name.value));
  const problems: GraphQLError[] = [];
  const look = (directive: DirectiveNode) => {
    if (!directive.name.value.startsWith('join__')) return;
    for (const { name, value } of directive.arguments ?? [])
      if (name.value === 'graph' && value.kind === Kind.ENUM && !known.has(value.value))
        problems.push(new GraphQLError(`It has no subgraph ${value.value}.`, { nodes: value }));
  };
  visit(document, { Directive: look });
  return problems;
}

function toldOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  const [at] = problem instanceof GraphQLError ? (problem.locations ?? []) : [];
  const message = problem.message.replaceAll('\n\n', ' ');
  return at ? `${message} (line ${at.line}, column ${at.column})` : message;
}
