import type { Bench } from './result.ts';

/** What is measured, in order; loaded when asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  grants: async () => (await import('./grants.ts')).measureGrants,
  'store-query': async () => (await import('./store-query.ts')).measureStoreQuery,
  events: async () => (await import('./events.ts')).measureEvents,
  intake: async () => (await import('./intake.ts')).measureIntake,
};
