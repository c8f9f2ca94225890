import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** Accounts, tenants and sessions: the identity subgraph, as a process of a mesh. */
export const identity = processPart({
  name: 'identity',
  entry: 'subgraphs/identity/src/main.ts',
  needs: ['database', 'redis', 'authority'],
  url: (ground) => urlsOf(ground).subgraphs.identity,
});
