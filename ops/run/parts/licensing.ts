import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** Licences, seats and grants to download: the licensing subgraph, as a process of a mesh. */
export const licensing = processPart({
  name: 'licensing',
  entry: 'subgraphs/licensing/src/main.ts',
  needs: ['database', 'redis', 'authority'],
  url: (ground) => urlsOf(ground).subgraphs.licensing,
});
