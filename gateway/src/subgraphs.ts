import * as compliance from '@assay/compliance';
import * as identity from '@assay/identity';
import * as licensing from '@assay/licensing';
import * as media from '@assay/media';
import { createPrincipalSigner } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import type { Log } from '@assay/telemetry';
import type { Environment, GatewayConfig } from './config.ts';
import type { Transport } from './engine/index.ts';
import { createLocalTransport, type FetchContext } from './transport.ts';

export const SUBGRAPHS = ['identity', 'media', 'licensing', 'compliance'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];
export type EachSubgraph<T> = Readonly<Record<SubgraphName, T>>;

/** The four subgraphs as the gateway reaches them, in this process or in processes of their own. */
export interface Subgraphs extends AsyncDisposable {
  readonly transports: EachSubgraph<Transport<FetchContext>>;
  readonly handlers: EachSubgraph<Pick<SubgraphHandler, 'health'>>;
  /** What the gateway itself asks identity for each caller. */
  readonly sessions: identity.Sessions;
}

/** The four subgraphs in this process: topology `single`. Each still has its own roles, pools and principal. */
export interface LocalSubgraphs extends Subgraphs {
  readonly handlers: EachSubgraph<SubgraphHandler>;
}

/**
 * Opens the subgraphs' connections. Refuses when row security would not hold for one of their roles.
 *
 * @throws Failure INTERNAL that says which role or table it is
 */
export async function openSubgraphs(
  { principalKeys }: Pick<GatewayConfig, 'principalKeys'>,
  env: Environment,
  log: Log,
): Promise<LocalSubgraphs> {
  const report = (errorId: string, err: unknown) => log.error({ errorId, err }, 'masked error of a subgraph');
  await using stack = new AsyncDisposableStack();
  const [identityDeps, mediaDeps, licensingDeps, complianceDeps] = await Promise.all([
    identity.openDeps(identity.parseConfig(env), report),
    media.openDeps(media.parseConfig(env), report),
    licensing.openDeps(licensing.parseConfig(env), report),
    compliance.openDeps(compliance.parseConfig(env), report),
  ]);
  for (const deps of [identityDeps, mediaDeps, licensingDeps, complianceDeps]) stack.use(deps);
  const handlers = {
    identity: await identity.createSubgraphHandler(identityDeps),
    media: await media.createSubgraphHandler(mediaDeps),
    licensing: await licensing.createSubgraphHandler(licensingDeps),
    compliance: await compliance.createSubgraphHandler(complianceDeps),
  };
  const held = stack.move();
  return {
    handlers,
    transports: eachSubgraph((name) =>
      createLocalTransport(handlers[name], createPrincipalSigner(principalKeys[name], name)),
    ),
    sessions: identity.createSqlSessions(identityDeps.database, identityDeps.wake),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** One of something for each subgraph. */
export function eachSubgraph<T>(make: (name: SubgraphName) => T): EachSubgraph<T> {
  return {
    identity: make('identity'),
    media: make('media'),
    licensing: make('licensing'),
    compliance: make('compliance'),
  };
}
