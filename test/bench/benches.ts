import type { Bench } from './result.ts';

/** What is measured, in order; loaded when asked for. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  grants: async (tell) => (await import('./grants.ts')).measureGrants(tell),
  'public-query': async (tell) => (await import('./public-query.ts')).measurePublicQuery(tell),
  guarded: async (tell) => (await import('./guarded.ts')).measureGuarded(tell),
  'store-remote': async (tell) => (await import('./store-remote.ts')).measureStoreRemote(tell),
  'store-query': async (tell) => (await import('./store-query.ts')).measureStoreQuery(tell),
  'cold-plan': async (tell) => (await import('./cold-plan.ts')).measureColdPlan(tell),
  memory: async (tell) => (await import('./memory.ts')).measureMemory(tell),
  events: async (tell) => (await import('./events.ts')).measureEvents(tell),
  'fan-out': async (tell) => (await import('./fan-out.ts')).measureFanOut(tell),
  'fan-out-peers': async (tell) => (await import('./fan-out-peers.ts')).measureFanOutPeers(tell),
  intake: async (tell) => (await import('./intake.ts')).measureIntake(tell),
  soak: async (tell) => (await import('./soak.ts')).measureSoak(tell),
};

/** Measured by name only: it takes ten minutes. */
const LONG = new Set(['soak']);

/** What is measured when nothing is named. */
export const USUAL = Object.keys(BENCHES).filter((name) => !LONG.has(name));
