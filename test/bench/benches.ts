import type { Bench } from './result.ts';

/** What is measured, in order; loaded when asked for. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  grants: async () => [await (await import('./grants.ts')).measureGrants()],
  'store-query': async (tell) => (await import('./store-query.ts')).measureStoreQuery(tell),
  events: async () => [await (await import('./events.ts')).measureEvents()],
  intake: async (tell) => (await import('./intake.ts')).measureIntake(tell),
};
