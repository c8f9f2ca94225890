import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The embedded OpenID provider, a site of its own. */
export const oidc = processPart({
  name: 'oidc',
  entry: 'subgraphs/identity/src/workers/provider.main.ts',
  needs: ['database', 'redis'],
  elsewhere: (ground) => ground.elsewhere.oidc?.issuer,
  url: (ground) => urlsOf(ground).issuer,
});
