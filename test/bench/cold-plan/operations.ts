import { createEngine, createHivePlanner, type PlanNode } from '@assay/gateway/engine/index';
import { type DocumentNode, parse, print, validate, visit } from 'graphql';
import { type RandomQuery, randomQuery } from '../../../gateway/test/engine/random-query.ts';

const ID = '018f0000-0000-7000-8000-000000000001';
/** Variables of the conditions that random queries have. */
const CONDITIONS = new Set(['t', 'f']);

/**
 * Operations over a supergraph, all valid, all different, the same at each call. Each needs several fetches: with one there is
 * little to plan. Conditions are left out: we plan each combination of them apart, and others plan all of them together.
 */
export function operationsOver(supergraphSdl: string, count: number): readonly RandomQuery[] {
  const planner = createHivePlanner(supergraphSdl);
  const planned: (PlanNode | null)[] = [];
  const watched: typeof planner = {
    ...planner,
    plan: (...asked) => {
      const plan = planner.plan(...asked);
      planned.push(plan);
      return plan;
    },
  };
  const engine = createEngine({ supergraphSdl, planner: watched, transports: {} });
  const needsSeveral = (document: DocumentNode) => {
    engine.verifyPlans(document);
    return ['Sequence', 'Parallel'].includes(planned.pop()?.kind ?? '');
  };
  const found = new Map<string, RandomQuery>();
  for (let seed = 1; found.size < count; seed += 1) {
    const { query, variables } = randomQuery(engine.schema, seed, [ID]);
    const document = unconditional(parse(query));
    const text = print(document);
    if (validate(engine.schema, document).length === 0 && needsSeveral(document))
      found.set(text, { query: text, variables });
  }
  return [...found.values()];
}

function unconditional(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: () => null,
    VariableDefinition: ({ variable }) => (CONDITIONS.has(variable.name.value) ? null : undefined),
  });
}
