import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One GraphQL for all: the CommonJS entry is the one that every library loads, and instanceof checks need a single copy. */
const graphql = fileURLToPath(new URL('node_modules/graphql/index.js', import.meta.url));

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A busy machine is late, and not wrong.
    expect: { poll: { timeout: 5_000 } },
    include: ['{packages,subgraphs,gateway,prisma,ops}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    server: { deps: { inline: ['type-graphql'] } },
  },
});
