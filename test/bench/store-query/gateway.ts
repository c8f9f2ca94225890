// The gateway with one of the engines over one of two sets of subgraphs: everything else is the product's own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccess } from '@assay/gateway/access/open';
import { parseConfig } from '@assay/gateway/config';
import { createEngine, createHivePlanner, createShareInFlight, type Engine } from '@assay/gateway/engine/index';
import { createPresentError } from '@assay/gateway/errors';
import { openMeters } from '@assay/gateway/meters';
import { startServer } from '@assay/gateway/server';
import { openSubgraphs } from '@assay/gateway/subgraphs';
import { callerOf, classOf, createLocalTransport, type FetchContext, watchTransport } from '@assay/gateway/transport';
import { createPrincipalSigner, createPrincipalVerifier } from '@assay/principal';
import { announceReady, createLog, createMetrics } from '@assay/telemetry';
import { Redis } from 'ioredis';
import { ROOT } from '../../../ops/run/paths.ts';
import { createApolloEngine } from './apollo.ts';
import { memorySubgraph, SUBGRAPH_NAMES, type SubgraphName, sdlOf } from './memory.ts';

const env = process.env;
const config = parseConfig(env);
const log = createLog('bench');
const connect = () => new Redis(config.redisUrl, { enableReadyCheck: false });
const subgraphs = await openSubgraphs(config, env, log);
const supergraphSdl = readFileSync(join(ROOT, 'codegen/supergraph.graphql'), 'utf8');
const meters = openMeters(createMetrics());
const { access } = openAccess(config.access, {
  sessions: subgraphs.sessions,
  subscriber: connect(),
  describeUser: () => Promise.reject(new Error('Nobody asks.')),
  report: (what, err) => log.warn({ err }, what),
});
const engine = env['BENCH_ENGINE'] === 'apollo' ? await apollo() : ours(env['BENCH_ENGINE'] === 'ours');
const server = await startServer({
  port: 0,
  publicUrl: config.urls.public,
  engine,
  supergraphSdl,
  access,
  present: createPresentError(log, meters),
  meters,
  probes: {},
  pages: { folder: ROOT, edgeOrigin: config.urls.edge, storeOrigin: config.urls.store },
  routes: [],
  report: (err) => log.error({ err }, 'a door failed'),
});
announceReady('bench', server.url);
process.once('SIGTERM', () => process.exit(0));

function handlerOf(name: SubgraphName) {
  if (env['BENCH_ROWS'] !== 'memory') return subgraphs.handlers[name];
  return memorySubgraph(name, createPrincipalVerifier(config.principalKeys[name], name));
}

function signerOf(name: SubgraphName) {
  return createPrincipalSigner(config.principalKeys[name], name);
}

/**
 * As the gateway's own composition root puts it together.
 *
 * @param isShared identical reads of one access class share a fetch; not of the trail, where each read leaves an entry
 */
function ours(isShared: boolean): Engine<FetchContext> {
  const share = createShareInFlight(classOf);
  const transports = SUBGRAPH_NAMES.map((name) => {
    const local = createLocalTransport(handlerOf(name), signerOf(name));
    const watched = watchTransport(name, local, meters, (err) => log.warn({ err }, 'a fetch failed'));
    return [name, isShared && name !== 'compliance' ? share(name, watched) : watched] as const;
  });
  return createEngine({
    supergraphSdl,
    planner: createHivePlanner(supergraphSdl),
    transports: Object.fromEntries(transports),
    callerOf,
    // What is derived once is part of what is shared.
    ...(isShared ? { classOf } : {}),
  });
}

function apollo(): Promise<Engine<FetchContext>> {
  const parts = SUBGRAPH_NAMES.map(
    (name) => [name, { handler: handlerOf(name), sdl: sdlOf(name), sign: signerOf(name) }] as const,
  );
  return createApolloEngine(Object.fromEntries(parts));
}
