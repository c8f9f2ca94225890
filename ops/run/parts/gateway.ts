import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The only public door, with the four subgraphs in its process. */
export const gateway = processPart({
  name: 'gateway',
  entry: 'gateway/src/main.ts',
  needs: ['database', 'redis', 'store'],
  url: (ground) => urlsOf(ground).gateway,
});
