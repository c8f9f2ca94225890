import { processPart } from './process.ts';

/** Drains the edge's redemptions from their Redis stream into the audit trail. */
export const redemptions = processPart({
  name: 'redemptions',
  entry: 'subgraphs/compliance/src/workers/redemptions.main.ts',
  needs: ['database', 'redis'],
  url: () => '',
});
