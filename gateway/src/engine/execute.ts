import type { Course } from './course.ts';
import { type Fetching, receive } from './fetch.ts';
import type { PlanNode } from './planner.ts';
import { type AskingNode, requestOf } from './steps.ts';

/** What a plan runs with. */
export interface Execution<Context> extends Fetching<Context> {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly course: Course;
}

/** Runs a plan: sequences in order, the rest at once. A fetch that fails leaves its part out, and nothing else. */
export async function executeNode<Context>(node: PlanNode, execution: Execution<Context>): Promise<void> {
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await executeNode(child, execution);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => executeNode(child, execution)));
      return;
    case 'Condition': {
      const branch = execution.variables[node.variable] === true ? node.whenTrue : node.whenFalse;
      return branch ? executeNode(branch, execution) : undefined;
    }
    case 'Fetch':
    case 'Flatten':
    case 'BatchFetch':
      return askSubgraph(node, execution);
    case 'Subscription':
      // Its primary is the stream, which is open already; each event runs what follows.
      return;
  }
}

async function askSubgraph<Context>(node: AskingNode, execution: Execution<Context>): Promise<void> {
  const { course } = execution;
  const variables = course.ask(node);
  if (variables) course.take(node, await receive(requestOf(node), variables, execution));
}
