import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The moderation process: the only reader of the quarantine besides the intake worker. */
export const moderation = processPart({
  name: 'moderation',
  entry: 'subgraphs/media/src/workers/moderation.main.ts',
  needs: ['database', 'store'],
  elsewhere: (ground) => ground.elsewhere.moderation,
  url: (ground) => urlsOf(ground).moderation,
});
