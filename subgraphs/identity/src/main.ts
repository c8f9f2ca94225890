import { runSubgraph } from '@assay/subgraph/mesh';
import { createSqlSessions } from './adapters/sql-sessions.ts';
import { parseConfig } from './config.ts';
import { openDeps } from './deps.ts';
import { env } from './env.ts';
import { createSessionCalls } from './sessions/remote.ts';
import { createSubgraphHandler } from './subgraph.ts';

await runSubgraph('identity', env, async (own, { report, spentTokens }) => {
  const deps = await openDeps(parseConfig(own), report);
  return {
    handler: await createSubgraphHandler({ ...deps, spentTokens }),
    calls: createSessionCalls(createSqlSessions(deps.database, deps.wake)),
    [Symbol.asyncDispose]: () => deps[Symbol.asyncDispose](),
  };
});
