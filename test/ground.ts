import { inject } from 'vitest';
import { openGround } from '../ops/run/ground.ts';
import type { Ground } from '../ops/run/part.ts';

/** The system that `shared-system.ts` started for this run. */
export function sharedGround(): Ground {
  return openGround({ stateDir: inject('stateDir'), ports: inject('ports'), topology: inject('topology') });
}
