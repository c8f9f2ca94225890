import * as compliance from '@assay/compliance';
import { verifyFences } from '@assay/database';
import * as identity from '@assay/identity';
import * as licensing from '@assay/licensing';
import * as media from '@assay/media';
import { createPrincipalVerifier } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import type { Log } from '@assay/telemetry';
import type { Redis } from 'ioredis';
import type { Environment, GatewayConfig } from './config.ts';

/** The four subgraphs in this process: topology `single`. Each still has its own roles, pools and principal. */
export interface Subgraphs extends AsyncDisposable {
  readonly handlers: Readonly<Record<'identity' | 'media' | 'licensing' | 'compliance', SubgraphHandler>>;
  /** What the gateway itself asks identity for each caller. */
  readonly sessions: identity.Sessions;
}

/**
 * Opens the subgraphs' connections. Refuses when row security would not hold for one of their roles.
 *
 * @throws Failure INTERNAL that says which role or table it is
 */
export async function openSubgraphs(
  config: GatewayConfig,
  env: Environment,
  redis: Redis,
  log: Log,
): Promise<Subgraphs> {
  const report = (errorId: string, err: unknown) => log.error({ errorId, err }, 'masked error of a subgraph');
  const { databases, principalKeys } = config;
  await Promise.all(Object.values(databases).map(verifyFences));
  const accounts = identity.openDatabase(databases.identity);
  const requests = compliance.openDatabase(databases.compliance);
  const trail = compliance.openDatabase(databases.trail);
  const wake = identity.createRedisWake(redis, (err) =>
    log.warn({ err }, 'a session ended, and Redis could not pass it on'),
  );
  const [mediaDeps, licensingDeps] = await Promise.all([
    media.openDeps(media.parseConfig(env), report),
    licensing.openDeps(licensing.parseConfig(env), report),
  ]);
  const [identityHandler, mediaHandler, licensingHandler, complianceHandler] = await Promise.all([
    identity.createSubgraphHandler({
      database: accounts,
      keyring: identity.createKeyring(config.keyringKey),
      wake,
      verifyPrincipal: createPrincipalVerifier(principalKeys.identity, 'identity'),
      report,
    }),
    media.createSubgraphHandler(mediaDeps),
    licensing.createSubgraphHandler(licensingDeps),
    compliance.createSubgraphHandler({
      database: requests,
      trail,
      verifyPrincipal: createPrincipalVerifier(principalKeys.compliance, 'compliance'),
      report,
    }),
  ]);
  return {
    handlers: {
      identity: identityHandler,
      media: mediaHandler,
      licensing: licensingHandler,
      compliance: complianceHandler,
    },
    sessions: identity.createSqlSessions(accounts, wake),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        [mediaDeps, licensingDeps, accounts, requests, trail].map((each) => each[Symbol.asyncDispose]()),
      );
    },
  };
}
