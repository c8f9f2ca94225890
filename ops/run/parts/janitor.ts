import { processPart } from './process.ts';

/** The janitor: takes away what expired forms, old versions and half-moved objects leave in the store. */
export const janitor = processPart({
  name: 'janitor',
  entry: 'subgraphs/media/src/workers/janitor.main.ts',
  needs: ['database', 'store'],
  url: () => '',
});
