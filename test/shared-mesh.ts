import type { TestProject } from 'vitest/node';
import { shareSystem } from './shared-system.ts';

/** Brings a system up in which each subgraph is a process of its own, with certificates that are renewed again and again meanwhile. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return shareSystem(project, { topology: 'mesh', settings: { authority: { ASSAY_MESH_CERTIFICATE_S: '24' } } });
}
