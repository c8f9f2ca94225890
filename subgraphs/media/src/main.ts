import { runSubgraph } from '@assay/subgraph/mesh';
import { parseConfig } from './config.ts';
import { openDeps } from './deps.ts';
import { readEnv } from './env.ts';
import { createSubgraphHandler } from './subgraph.ts';

await runSubgraph('media', readEnv(), async (env, { report, spentTokens }) => {
  const deps = await openDeps(parseConfig(env), report);
  const handler = await createSubgraphHandler({ ...deps, spentTokens });
  return { handler, [Symbol.asyncDispose]: () => deps[Symbol.asyncDispose]() };
});
