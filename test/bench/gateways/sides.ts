import { join } from 'node:path';
import { ROOT } from '../../../ops/run/paths.ts';
import { type Server, startPeer, startServer } from '../server.ts';

export const OURS = 'Assay router';
export const HIVE = 'Hive Gateway, native planner';
export const APOLLO = '@apollo/gateway';
/** The gateways that are held against each other. */
export const SIDES = [OURS, HIVE, 'Hive Gateway', APOLLO] as const;
export type Side = (typeof SIDES)[number];

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
    return startServer(
      'test/bench/gateways/router.ts',
      { BENCH_SUPERGRAPH: supergraph, BENCH_SHARED: shared },
      GATEWAY_CORE,
    );
  const peers = join(ROOT, 'test/bench/peers');
  if (side === APOLLO)
    return startPeer(
      [join(peers, 'apollo-gateway.mjs'), supergraph, 'PORT'],
      folder,
      { APOLLO_TELEMETRY_DISABLED: '1' },
      GATEWAY_CORE,
    );
  return startPeer(
    [
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
