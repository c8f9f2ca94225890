import type { TestProject } from 'vitest/node';
import { buildConsole } from '../ops/run/console.ts';
import type { GroundOptions } from '../ops/run/ground.ts';
import type { Ports, Topology } from '../ops/run/part.ts';
import { startSystem } from './system.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly stateDir: string;
    readonly ports: Ports;
    readonly topology: Topology;
  }
}

/** Brings one system up for every suite of the run, and takes it down after the last. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return shareSystem(project, { topology: 'single' });
}

/** Brings up a system of one topology. */
export async function shareSystem(
  project: TestProject,
  options: Pick<GroundOptions, 'settings'> & { readonly topology: Topology },
): Promise<() => Promise<void>> {
  await buildConsole();
  const system = await startSystem(options);
  project.provide('stateDir', system.ground.stateDir);
  project.provide('ports', system.ground.ports);
  project.provide('topology', options.topology);
  return async () => {
    await system[Symbol.asyncDispose]();
  };
}
