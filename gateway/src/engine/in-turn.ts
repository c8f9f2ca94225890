import type { NormalField, NormalOperation, NormalSet } from './normalize.ts';
import type { PlanNode, Planner } from './planner.ts';

/**
 * Plans an operation. A mutation's root fields are planned one at a time, so that each is done, all that was asked below it
 * included, before the next begins (GraphQL, sections 6.2.2 and 6.3.1): planners run what follows one beside the next. A subgraph
 * that is asked for the whole mutation keeps that order itself.
 *
 * @throws when it cannot be planned
 */
export function planInTurn(operation: NormalOperation, planner: Pick<Planner, 'plan'>): PlanNode | null {
  const { kind, selection } = operation;
  const plan = planner.plan(operation);
  if (kind !== 'mutation' || selection.fields.length < 2 || plan === null || plan.kind === 'Fetch') return plan;
  return { kind: 'Sequence', nodes: selection.fields.flatMap((field) => planner.plan(alone(field, operation)) ?? []) };
}

/** An operation with one of its root fields, and the variables of that one. */
function alone(field: NormalField, { selection, variables, ...operation }: NormalOperation): NormalOperation {
  const used = new Set(variablesOf(field));
  return {
    ...operation,
    variables: new Map([...variables].filter(([name]) => used.has(name))),
    selection: { ...selection, fields: [field] },
  };
}

function variablesOf({ variables, below }: NormalField): readonly string[] {
  return below ? [...variables, ...variablesBelow(below)] : variables;
}

function variablesBelow({ fields, narrower }: NormalSet): readonly string[] {
  return [...fields.flatMap(variablesOf), ...narrower.flatMap(variablesBelow)];
}
