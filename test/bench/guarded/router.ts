// A router of the product's parts, with authorization, costs, rates and persisted documents, or without any of them.

import { createServer } from 'node:http';
import type { RequestFacts } from '@assay/gateway/access/port';
import { createAdmit, DEFAULT_MANNERS } from '@assay/gateway/admission';
import { startApollo } from '@assay/gateway/apollo';
import { createDocuments } from '@assay/gateway/documents';
import { answerGraphql } from '@assay/gateway/doors/graphql';
import { type Caller, createEngine, createHivePlanner } from '@assay/gateway/engine/index';
import { createPresentError } from '@assay/gateway/errors';
import { createCosts } from '@assay/gateway/limits/cost/cost';
import { ANYBODYS_COST_RULES } from '@assay/gateway/limits/cost/rules';
import { DEFAULT_LIMITS } from '@assay/gateway/limits/limits';
import { listenLocally } from '@assay/gateway/listen';
import { createFindDocument, NOTHING_PERSISTED } from '@assay/gateway/persisted/find';
import { readManifest } from '@assay/gateway/persisted/manifest';
import { createPipeline } from '@assay/gateway/pipeline';
import { createRateMeter, type RateMeter } from '@assay/gateway/rate/meter';
import { ratePolicies } from '@assay/gateway/rate/policy';
import { createRates } from '@assay/gateway/rate/rates';
import { createRedisWindows } from '@assay/gateway/rate/window';
import { DEFAULT_DEADLINE_MS } from '@assay/gateway/request-time';
import { resilient } from '@assay/gateway/resilience';
import { createHttpTransport, type RouterContext } from '@assay/gateway/router/http-transport';
import { readSupergraph } from '@assay/gateway/supergraph/read';
import { announceReady, createLog } from '@assay/telemetry';
import { Redis } from 'ioredis';

interface Context extends RouterContext {
  readonly caller: Caller & { readonly subject: string | null };
}

const env = process.env;
const isGuarded = env['BENCH_GUARDED'] === 'on';
const log = createLog('bench');
const present = createPresentError(log);
const { sdl, subgraphs } = await readSupergraph(env['BENCH_SUPERGRAPH'] ?? '');
const transports = Object.entries(subgraphs).map(
  ([name, url]) => [name, resilient(createHttpTransport({ url }))] as const,
);
const engine = createEngine<Context>({
  supergraphSdl: sdl,
  planner: createHivePlanner(sdl),
  transports: Object.fromEntries(transports),
  classOf: ({ caller }) => JSON.stringify(caller),
  ...(isGuarded ? { callerOf: ({ caller }: Context) => caller } : {}),
});
const server = await startApollo(engine, sdl, present);
const rates = isGuarded ? await openRates(env['BENCH_REDIS'] ?? '') : null;
const door = {
  server,
  findDocument: findDocument(),
  admit: createAdmit(DEFAULT_MANNERS, rates),
  rates,
  deadlineMs: DEFAULT_DEADLINE_MS,
  maxBatch: 0,
  askerOf,
  present,
};
const hosts = new Set<string>();
const pipeline = createPipeline({
  hosts,
  routes: [{ matches: (path) => path === '/graphql', answer: (...request) => answerGraphql(door, ...request) }],
  report: (err) => log.error({ err }, 'the door failed'),
});
const { port } = await listenLocally(() => createServer((...pair) => void pipeline(...pair)), 0);
hosts.add(`localhost:${port}`);
announceReady('bench', `http://localhost:${port}`);
process.once('SIGTERM', () => process.exit(0));

/** Whoever says who he is, is: `Bearer SUBJECT SCOPE SCOPE`. Tokens are verified by another part, which is not measured here. */
async function askerOf({ headers }: RequestFacts) {
  const [, subject = null, ...scopes] = isGuarded ? (headers['authorization'] ?? '').split(' ') : [];
  return { context: { headers: {}, caller: { isAuthenticated: subject !== null, subject, scopes } }, subject };
}

function findDocument() {
  if (!isGuarded) return createFindDocument(createDocuments(engine.schema, DEFAULT_LIMITS));
  const costs = createCosts(sdl, engine.schema, { ...ANYBODYS_COST_RULES, maximum: 1e9 });
  return createFindDocument(createDocuments(engine.schema, DEFAULT_LIMITS, costs), {
    ...NOTHING_PERSISTED,
    manifest: readManifest(env['BENCH_MANIFEST'] ?? ''),
    onlyListed: true,
  });
}

/** Quotas that nobody comes near. */
async function openRates(url: string): Promise<RateMeter> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, enableReadyCheck: false });
  await redis.ping();
  const windows = createRedisWindows(redis);
  const report = (err: unknown) => log.error({ err }, 'rates could not be counted');
  const policies = ratePolicies({ principal: 1e8, address: 1e8, cost: 1e12 });
  return createRateMeter(policies, createRates({ windows, whenAway: 'closed', report }));
}
