import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const graphql = fileURLToPath(new URL('../node_modules/graphql/index.js', import.meta.url));

/** Suites against one whole system, which is started once for all of them; those that kill its parts start one of their own. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    include: ['test/{scenarios,matrix,faults,browser}/**/*.test.ts'],
    globalSetup: ['test/shared-system.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    server: { deps: { inline: ['type-graphql'] } },
  },
});
