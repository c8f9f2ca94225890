// The product's doors and engine over subgraphs of anybody's, for visitors: the mesh's reader of event streams without its
// certificates, fetches as the router's.

import type { Access } from '@assay/gateway/access/port';
import { createEngine, createHivePlanner, type Transport } from '@assay/gateway/engine/index';
import { createPresentError } from '@assay/gateway/errors';
import { openEvents } from '@assay/gateway/mesh/events';
import { openResuming } from '@assay/gateway/mesh/resuming';
import { openMeters } from '@assay/gateway/meters';
import { createHttpTransport } from '@assay/gateway/router/http-transport';
import { startServer } from '@assay/gateway/server';
import { readSupergraph } from '@assay/gateway/supergraph/read';
import { classOf, type FetchContext } from '@assay/gateway/transport';
import { anonymous } from '@assay/principal';
import { announceReady, createLog, createMetrics } from '@assay/telemetry';
import { Pool } from 'undici';

const log = createLog('bench');
const { sdl, subgraphs } = await readSupergraph(process.env['BENCH_SUPERGRAPH'] ?? '');
const transports = Object.fromEntries(Object.entries(subgraphs).map(([name, url]) => [name, transportTo(url)]));
const engine = createEngine({ supergraphSdl: sdl, planner: createHivePlanner(sdl), transports, classOf });
const server = await startServer({
  port: 0,
  publicUrl: 'http://localhost:4000',
  engine,
  supergraphSdl: sdl,
  access: visitors(),
  present: createPresentError(log),
  meters: openMeters(createMetrics()),
  probes: {},
  pages: { folder: '/nowhere', edgeOrigin: 'http://127.0.0.1:4001', storeOrigin: 'http://127.0.0.1:4002' },
  routes: [],
  report: (err) => log.error({ err }, 'the door failed'),
});
announceReady('bench', server.url);
process.once('SIGTERM', () => process.exit(0));

function transportTo(url: URL): Transport<FetchContext> {
  const fetching = createHttpTransport({ url });
  const events = new Pool(url.origin, { bodyTimeout: 0 });
  return {
    execute: ({ query, variables, operation, signal }) =>
      fetching.execute({ query, variables, operation, signal, context: { headers: {} } }),
    subscribe: ({ query, variables }) => {
      const body = JSON.stringify({ query, variables });
      const headers = { 'content-type': 'application/json' };
      const report = (err: unknown) => log.error({ err }, 'a stream was broken off');
      return openResuming((place, signal) => openEvents(events, { path: url.pathname, body, headers, place, signal }), {
        report,
      });
    },
  };
}

/** Tokens are verified by another part, which is not measured here, and Hive Gateway verifies none either. */
function visitors(): Access {
  const visitor = async () => anonymous('bench', '127.0.0.0');
  return {
    principalOf: visitor,
    principalOfSocket: visitor,
    isUpgradeAllowed: () => true,
    forget: () => undefined,
    watch: () => ({ [Symbol.dispose]: () => undefined }),
  };
}
