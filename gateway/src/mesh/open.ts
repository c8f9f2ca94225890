import { createRemoteSessions } from '@assay/identity';
import { createPrincipalSigner } from '@assay/principal';
import { watchCredentials } from '@assay/subgraph/mesh';
import type { Log } from '@assay/telemetry';
import type { GatewayConfig, MeshConfig } from '../config.ts';
import { eachSubgraph, type Subgraphs } from '../subgraphs.ts';
import { gatherFailures } from './gathering.ts';
import { openPeer } from './peer.ts';
import { askHealth, call } from './questions.ts';
import { createMeshTransport } from './transport.ts';

/**
 * The four subgraphs in processes of their own: topology `mesh`. Nothing is asked of them yet; this process has no rows, no store and
 * no keys of theirs but those that sign principals.
 *
 * @throws Error when this process's credentials cannot be used
 */
export async function openMesh(
  { urls, credentials: folder }: MeshConfig,
  { principalKeys }: Pick<GatewayConfig, 'principalKeys'>,
  log: Log,
): Promise<Subgraphs> {
  await using stack = new AsyncDisposableStack();
  const credentials = stack.use(
    await watchCredentials(folder, (err) => log.warn({ err }, 'new credentials could not be taken')),
  );
  const peers = eachSubgraph((name) => stack.use(openPeer({ name, url: new URL(urls[name]), credentials })));
  const held = stack.move();
  return {
    transports: eachSubgraph((name) =>
      createMeshTransport(
        peers[name],
        createPrincipalSigner(principalKeys[name], name),
        gatherFailures(({ count, reason }) =>
          log.info({ subgraph: name, streams: count, reason }, 'streams were broken off and are resumed'),
        ),
      ),
    ),
    handlers: eachSubgraph((name) => ({ health: () => askHealth(peers[name]) })),
    sessions: createRemoteSessions((path, asked) => call(peers.identity, path, asked)),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
