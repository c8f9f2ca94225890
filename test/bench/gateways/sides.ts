import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../ops/run/paths.ts';
import { type Server, startPeer, startRouterServer } from '../server.ts';

export const OURS = 'Assay router';
export const HIVE = 'Hive Gateway, native planner';
export const APOLLO = '@apollo/gateway';
/** The Rust one, which is in no package registry: it takes part where `ASSAY_BENCH_HIVE_ROUTER` names its program. */
export const HIVE_ROUTER = 'Hive Router';
const ROUTER_PROGRAM = process.env['ASSAY_BENCH_HIVE_ROUTER'];
const NODE_SIDES = [OURS, HIVE, 'Hive Gateway', APOLLO] as const;
export type Side = (typeof NODE_SIDES)[number] | typeof HIVE_ROUTER;
/** The gateways that are held against each other. */
export const SIDES: readonly Side[] = ROUTER_PROGRAM ? [...NODE_SIDES, HIVE_ROUTER] : NODE_SIDES;

/** One core for the gateway that is measured, the other for its subgraphs and the load. */
export const [GATEWAY_CORE, OTHER_CORE] = [0, 1];

/**
 * Starts one of the gateways over a supergraph, on its core.
 *
 * @param shared whether identical subgraph requests in flight are sent once; `@apollo/gateway` has no such thing
 * @param folder where the peers are installed
 */
export function startSide(side: Side, supergraph: string, shared: 'on' | 'off', folder: string): Promise<Server> {
  if (side === OURS)
    return startRouterServer(
      'test/bench/gateways/router.ts',
      { BENCH_SUPERGRAPH: supergraph, BENCH_SHARED: shared },
      GATEWAY_CORE,
    );
  if (side === HIVE_ROUTER) return startHiveRouter(supergraph, shared, folder);
  const peers = join(ROOT, 'test/bench/peers');
  if (side === APOLLO)
    return startPeer(
      [process.execPath, join(peers, 'apollo-gateway.mjs'), supergraph, 'PORT'],
      folder,
      { APOLLO_TELEMETRY_DISABLED: '1' },
      GATEWAY_CORE,
    );
  return startPeer(
    [
      process.execPath,
      'node_modules/@graphql-hive/gateway/dist/bin.js',
      'supergraph',
      supergraph,
      '--port=PORT',
      '--host=127.0.0.1',
      '--fork=1',
      `--config-path=${join(peers, 'hive-gateway.config.mjs')}`,
      ...(side === HIVE ? [] : ['--jit']),
    ],
    folder,
    { BENCH_SHARED: shared, BENCH_PLANNER: side === HIVE ? 'native' : 'own', LOG_LEVEL: 'error' },
    GATEWAY_CORE,
  );
}

/** In its default but for sharing; identical requests of clients, which it can answer together too, it executes one by one. */
function startHiveRouter(supergraph: string, shared: 'on' | 'off', folder: string): Promise<Server> {
  const config = join(dirname(supergraph), 'hive-router.json');
  writeFileSync(
    config,
    JSON.stringify({
      supergraph: { source: 'file', path: supergraph },
      log: { level: 'error' },
      traffic_shaping: { all: { dedupe_enabled: shared === 'on' }, router: { dedupe: { enabled: false } } },
    }),
  );
  const settings = [`ROUTER_CONFIG_FILE_PATH=${config}`, 'HOST=127.0.0.1', 'PORT=PORT'];
  return startPeer(['env', ...settings, ROUTER_PROGRAM ?? ''], folder, {}, GATEWAY_CORE);
}
