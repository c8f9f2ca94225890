import { z } from 'zod';
import { PLANNER_NAMES } from '../engine/index.ts';
import { messageOf, verifySupergraph } from './verify.ts';

const trial = z.object({ sdl: z.string(), planner: z.enum(PLANNER_NAMES), documents: z.array(z.string()) });

// Tries one supergraph for the process that began this one, tells what does not hold, and ends.
process.once('message', (asked) => {
  process.send?.({ problem: problemOf(asked) }, () => process.exit(0));
});

function problemOf(asked: unknown): string | null {
  try {
    verifySupergraph(trial.parse(asked));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
