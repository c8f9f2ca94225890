import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The delivery edge: spends grants, serves leases and previews. */
export const edge = processPart({
  name: 'edge',
  entry: 'gateway/edge/src/main.ts',
  needs: ['redis', 'store'],
  elsewhere: (ground) => ground.elsewhere.edge,
  url: (ground) => urlsOf(ground).edge,
});
