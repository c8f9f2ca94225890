import type { PlanNode } from './planner.ts';
import { requestOf } from './steps.ts';

/**
 * Finds which subgraph a plan asks for a field. Only an error asks.
 *
 * @param key what the field is called in fetches
 * @returns null when it is none, or one of several
 */
export function tellerOf(plan: PlanNode | null, key: string): string | null {
  const word = new RegExp(`\\b${key}\\b`);
  const asked = plan ? requestsOf(plan).filter(({ operation }) => word.test(operation)) : [];
  const [name, another] = new Set(asked.map(({ serviceName }) => serviceName));
  return name === undefined || another !== undefined ? null : name;
}

function requestsOf(node: PlanNode): readonly ReturnType<typeof requestOf>[] {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(requestsOf);
    case 'Condition':
      return [node.whenTrue, node.whenFalse].flatMap((branch) => (branch ? requestsOf(branch) : []));
    case 'Subscription':
      return [node.primary];
    case 'Fetch':
    case 'Flatten':
    case 'BatchFetch':
      return [requestOf(node)];
  }
}
