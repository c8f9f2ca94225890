import { SUBGRAPHS, urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The only public door, with the four subgraphs in its process. */
export const gateway = processPart({
  name: 'gateway',
  entry: 'gateway/src/main.ts',
  needs: ['database', 'redis', 'store'],
  url: (ground) => urlsOf(ground).gateway,
});

/** The only public door, and nothing but the door: each subgraph is a process of its own. */
export const gatewayOfMesh = processPart({
  name: 'gateway',
  entry: 'gateway/src/main.ts',
  needs: ['redis', 'authority', ...SUBGRAPHS],
  url: (ground) => urlsOf(ground).gateway,
});
