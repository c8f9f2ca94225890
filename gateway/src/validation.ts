import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  specifiedRules,
  type ValidationContext,
  validate,
} from 'graphql';

const RULES = [...specifiedRules, OperationTypeExistence];

/**
 * What keeps a document from being executed over a schema: every rule of the specification, and the one that graphql-js 16 leaves to
 * execution.
 *
 * @returns at most ten problems, without suggestions of other names
 * @throws GraphQLError where graphql-js throws instead of telling, as for a condition on a stream's root
 */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(schema, document, RULES, { maxErrors: 10, hideSuggestions: true });
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
