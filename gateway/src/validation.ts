import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  type ValidationContext,
  validate,
} from 'graphql';
import { tooManyComparisons } from './limits/refusal.ts';

const RULES = [...specifiedRules, OperationTypeExistence];

/**
 * What keeps a document from being executed over a schema: every rule of the specification, and the one that graphql-js 16 leaves to
 * execution.
 *
 * @returns at most ten problems, without suggestions of other names
 * @throws GraphQLError TOO_COMPLEX where fields are compared too often to tell; and where graphql-js throws instead of telling, as for a condition on a stream's root
 */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const problems = validate(schema, document, RULES, { maxErrors: 10, hideSuggestions: true });
  // graphql-js tells that it gave up from a problem of the document by nothing but its words.
  if (problems.some(({ message }) => message === 'Validation aborted.')) throw tooManyComparisons();
  return problems;
}

/** GraphQL September 2025, 5.2.1.1: the schema has a root type for each kind of operation that a document holds. */
function OperationTypeExistence(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (node) => {
      if (context.getSchema().getRootType(node.operation)) return;
      context.reportError(new GraphQLError(`This schema has no ${node.operation}s.`, { nodes: node }));
    },
  };
}
