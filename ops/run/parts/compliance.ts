import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The audit trail, and who may read it: the compliance subgraph, as a process of a mesh. */
export const compliance = processPart({
  name: 'compliance',
  entry: 'subgraphs/compliance/src/main.ts',
  needs: ['database', 'redis', 'authority'],
  url: (ground) => urlsOf(ground).subgraphs.compliance,
});
