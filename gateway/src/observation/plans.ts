import { step } from '@assay/telemetry';
import type { Observer, Planner } from '../engine/index.ts';
import type { Meters } from '../meters.ts';
import type { Explainable } from './explanation.ts';

/** A planner whose plans are counted and timed, and what watches an engine use them. */
export function watchPlans<Context extends Explainable>(
  planner: Planner,
  meters: Pick<Meters, 'plans' | 'planning'>,
): { readonly planner: Planner; readonly observer: Observer<Context> } {
  let made = 0;
  return {
    planner: {
      publicSdl: planner.publicSdl,
      plan: (...asked) => {
        made += 1;
        const stop = meters.planning.startTimer();
        try {
          return planner.plan(...asked);
        } finally {
          stop();
        }
      },
    },
    observer: {
      plan: (work, { explanation }) =>
        step({ name: 'plan' }, (note) => {
          const before = made;
          const found = work();
          const isKept = made === before;
          meters.plans.inc(isKept ? HIT : MISS);
          note({ 'graphql.plan.is_cached': isKept });
          if (explanation) explanation.planned = { plan: found.plan, isCached: isKept };
          return found;
        }),
    },
  };
}

const HIT = { result: 'hit' };
const MISS = { result: 'miss' };
