import { urlsOf } from '../environment.ts';
import { processPart } from './process.ts';

/** The intake worker: from an upload's bytes to a decision. It decodes under bubblewrap, and writes watermarks with DejaVu. */
export const intake = processPart({
  name: 'intake',
  entry: 'subgraphs/media/src/workers/intake.main.ts',
  needs: ['database', 'redis', 'store', 'clamd'],
  packages: () => ({
    bubblewrap: '/usr/bin/bwrap',
    'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  }),
  elsewhere: (ground) => ground.elsewhere.intake,
  url: (ground) => urlsOf(ground).worker,
});
