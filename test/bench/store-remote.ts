import { type Match, playMatches } from './gateways.ts';
import type { Bench } from './result.ts';
import { SUBGRAPH_NAMES, sdlOf } from './store-query/memory.ts';
import { openSdlOf } from './store-query/open-sdl.ts';
import { STORE_QUERY } from './store-query/stage.ts';

/** Without the directives of access, which `@apollo/gateway` refuses, and which the router, who knows no callers, lets nobody past. */
const MATCH: Match = {
  name: 'store-remote',
  schemas: Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, openSdlOf(sdlOf(name))])),
  subgraphs: { entry: 'test/bench/store-remote/subgraphs.ts', env: {} },
  requests: [{ query: STORE_QUERY }],
  shared: 'off',
  changes: false,
  aim: 3,
  p99Aim: 0.5,
};

/**
 * The storefront's query over subgraphs that are asked over HTTP, with the rows that `store-query-memory` has in its process.
 *
 * @throws Error when two gateways do not answer alike
 */
export const measureStoreRemote: Bench = (tell) => playMatches([MATCH], tell);
