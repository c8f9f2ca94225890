// Identical client requests are never answered as one: that is caching. Identical subgraph requests are, where it is asked for.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { unifiedGraphHandler } =
  process.env.BENCH_PLANNER === 'native'
    ? createRequire(pathToFileURL(`${process.cwd()}/`))('@graphql-hive/router-runtime')
    : {};
export const gatewayConfig = {
  inboundInflightRequestDeduplication: false,
  ...(unifiedGraphHandler ? { unifiedGraphHandler } : {}),
  ...(process.env.BENCH_SHARED === 'on'
    ? {}
    : { transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } } }),
};
