import { defineConfig, mergeConfig } from 'vitest/config';
import system from './vitest.system.config.ts';

/** What people do and what strangers try, once more with each subgraph in a process of its own; and what is about a mesh alone. */
const { include: _all, globalSetup: _single, ...test } = system.test ?? {};
export default mergeConfig(
  { ...system, test },
  defineConfig({ test: { include: ['test/{scenarios,mesh}/**/*.test.ts'], globalSetup: ['test/shared-mesh.ts'] } }),
);
