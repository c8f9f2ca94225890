import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** Uploads, assets and their events, moderation: the media subgraph, as a process of a mesh. */
export const media = processPart({
  name: 'media',
  entry: 'subgraphs/media/src/main.ts',
  needs: ['database', 'redis', 'store', 'authority'],
  url: (ground) => urlsOf(ground).subgraphs.media,
});
