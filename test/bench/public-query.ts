import { type Match, playMatches } from './gateways.ts';
import { DISTINCT_QUERY, PUBLIC_QUERY, SCHEMAS } from './public-query/schemas.ts';
import type { Bench } from './result.ts';

const PUBLIC = { ...over('public'), requests: [{ query: PUBLIC_QUERY }] };
const DISTINCT = {
  ...over('distinct'),
  requests: Array.from({ length: 20 }, (_, at) => ({ query: DISTINCT_QUERY, variables: { first: 200 - at } })),
};

const MATCHES: readonly Match[] = [
  { ...PUBLIC, name: 'public-query', shared: 'off', changes: false, aim: 4, routerAim: 0.8 },
  { ...PUBLIC, name: 'public-query-changing', shared: 'off', changes: true, aim: null },
  { ...PUBLIC, name: 'public-query-shared', shared: 'on', changes: false, aim: 8, routerAim: 1.5 },
  { ...DISTINCT, name: 'distinct', shared: 'off', changes: true, aim: 2 },
];

/**
 * The public gateways benchmark's query over stand-ins of its subgraphs, and the same shape where nothing repeats.
 *
 * @throws Error when two gateways do not answer alike
 */
export const measurePublicQuery: Bench = (tell) => playMatches(MATCHES, tell);

function over(rows: 'public' | 'distinct'): Pick<Match, 'schemas' | 'subgraphs'> {
  return { schemas: SCHEMAS, subgraphs: { entry: 'test/bench/public-query/subgraphs.ts', env: { BENCH_ROWS: rows } } };
}
