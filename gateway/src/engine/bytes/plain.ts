import type { Derivation } from '../derivation.ts';
import type { PlanNode } from '../planner.ts';
import type { Selection } from '../selection.ts';
import type { Asked } from '../steps.ts';
import { deriveInBytes } from './derive.ts';
import { type Layout, layOut } from './layout.ts';
import type { Shaping } from './shape.ts';

/** Begins derivations of one operation: over bytes where that is likely to go well, else in objects. */
export interface Plain {
  begin(variables: Asked['variables'], inObjects: () => Derivation): Derivation;
}

/** Once is not worth a layout. */
const LEAST_USES = 2;
/** So many go the general way at once after an answer was not as foreseen: the next ones will not be either. */
const REST = 32;

/**
 * Derives an operation's answers from the bytes of subgraphs' answers, without making objects of them, where all is plain: the
 * general derivation (`steps.ts`, `project.ts`) is what counts, this one gives the same or gives up, and what it has begun is then
 * done again in objects.
 */
export function createPlain(plan: PlanNode | null, selection: Selection, shaping: Shaping): Plain {
  let layout: Layout | null | undefined = plan ? undefined : null;
  let rest = LEAST_USES - 1;
  const tire = () => {
    rest = REST;
  };
  return {
    begin: (variables, inObjects) => {
      if (layout === null) return inObjects();
      if (rest > 0) {
        rest -= 1;
        return inObjects();
      }
      if (layout === undefined) layout = plan && layOut(plan, selection, shaping);
      return layout ? deriveInBytes(layout, variables, inObjects, tire) : inObjects();
    },
  };
}
