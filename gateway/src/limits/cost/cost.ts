import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { tooComplex } from '../refusal.ts';
import { countCost } from './actual.ts';
import { readCostDirectives } from './directives.ts';
import { type Variables, valueOf } from './formula.ts';
import type { CostRules } from './rules.ts';
import { type Costing, compileCost, type FieldCost, type SetCost } from './tree.ts';
import { createWeights } from './weights.ts';

/** The cost of one operation of a document. */
export interface OperationCost {
  readonly maximum: number | null;
  readonly isMutation: boolean;
  /** How many fields were weighed for it: what it takes to keep. */
  readonly size: number;
  /** Before it runs. */
  estimate(variables: Variables): number;
  /**
   * Refuses what is too dear.
   *
   * @returns the estimate
   * @throws GraphQLError TOO_COMPLEX that says what is dear
   */
  verify(variables: Variables): number;
  /** After it ran: what really came. */
  count(data: unknown): number;
}

/**
 * Finds the cost of an operation. Made once a document.
 *
 * @returns null where there is no such operation, which the engine tells better
 * @throws GraphQLError GRAPHQL_VALIDATION_FAILED where a list wants one slicing argument and gets none or several
 */
export type Costs = (document: DocumentNode, operationName: string | undefined) => OperationCost | null;

/** A mutation works even where it gives nothing back; the same figure as Apollo's router has. */
const MUTATION = 10;

/**
 * Costs by the IBM GraphQL cost specification, from the directives of a supergraph and, where it has none, from the rules.
 *
 * @param schema the public schema
 */
export function createCosts(supergraphSdl: string, schema: GraphQLSchema, rules: CostRules): Costs {
  const directives = readCostDirectives(parse(supergraphSdl, { noLocation: true }));
  const costing: Costing = { schema, rules, weights: createWeights(directives, schema, rules) };
  return (document, operationName) => {
    const operation = getOperationAST(document, operationName);
    return operation ? costOf(costing, document, operation) : null;
  };
}

function costOf(costing: Costing, document: DocumentNode, operation: OperationDefinitionNode): OperationCost {
  const { maximum } = costing.rules;
  const isMutation = operation.operation === 'mutation';
  const base = isMutation ? MUTATION : 0;
  const { root, size } = compileCost(costing, document, operation, (node, names, found) => {
    throw new GraphQLError(
      `${node.name.value} takes exactly one of the arguments ${names.join(', ')}, and here has ${found}.`,
      { nodes: node, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    );
  });
  const estimate = (variables: Variables) => base + valueOf(root.estimate, variables);
  return {
    maximum,
    isMutation,
    size,
    estimate,
    verify: (variables) => {
      const value = estimate(variables);
      if (maximum !== null && value > maximum)
        throw tooComplex({
          limit: 'cost',
          what: 'points of estimated cost',
          value,
          maximum,
          ...dearest(root, variables),
        });
      return value;
    },
    count: (data) => base + countCost(root, data),
  };
}

/** The innermost list on the way down through what is the larger part of each selection. */
function dearest(root: SetCost, variables: Variables) {
  const way: FieldCost[] = [];
  for (let set: SetCost | null = root; set; ) {
    const all = valueOf(set.estimate, variables);
    const field: FieldCost | undefined = set.fields.find(({ estimate }) => valueOf(estimate, variables) > all / 2);
    if (!field) break;
    way.push(field);
    set = field.children;
  }
  const path = way.slice(0, way.findLastIndex(({ isList }) => isList) + 1);
  return { node: path.at(-1)?.node, path: path.map(({ key }) => key) };
}
