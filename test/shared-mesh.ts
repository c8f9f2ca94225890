import type { TestProject } from 'vitest/node';
import { shareSystem } from './shared-system.ts';

/** Brings a system up in which each subgraph is a process of its own. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return shareSystem(project, 'mesh');
}
