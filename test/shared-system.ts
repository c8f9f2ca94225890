import type { TestProject } from 'vitest/node';
import { buildConsole } from '../ops/run/console.ts';
import type { Ports } from '../ops/run/part.ts';
import { startSystem } from './system.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly stateDir: string;
    readonly ports: Ports;
  }
}

/** Brings one system up for every suite of the run, and takes it down after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildConsole();
  const system = await startSystem();
  project.provide('stateDir', system.ground.stateDir);
  project.provide('ports', system.ground.ports);
  return async () => {
    await system[Symbol.asyncDispose]();
  };
}
