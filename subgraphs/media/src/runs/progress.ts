import type { NewEvent } from '../assets/write.ts';
import type { Stage } from '../intake/evidence.ts';
import type { AssetRun } from './asset-run.ts';

/** Of one stage at most this many are told. */
const MAX_TOLD = 9;
/** So that telling never takes longer than what is told of. */
const MIN_INTERVAL_MS = 150;

/** Tells how far a stage is, beside the stage and never in its way. */
export interface ProgressTeller {
  told(stage: Stage, done: number, total: number): void;
  /** Waits for what is being told; returns the last word that was not, to be told with the stage's evidence. */
  settle(): Promise<readonly NewEvent[]>;
}

/** @param run of the asset; a progress that cannot be told is lost, the next one says more anyway */
export function createProgressTeller(run: AssetRun): ProgressTeller {
  const counts = new Map<Stage, number>();
  let lastAt = performance.now();
  let telling: Promise<void> | undefined;
  let left: NewEvent | undefined;

  const eventOf = (stage: Stage, done: number, total: number): NewEvent => ({
    type: 'PROGRESS',
    state: run.asset.state,
    stage,
    progressDone: BigInt(done),
    progressTotal: BigInt(total),
  });
  return {
    told: (stage, done, total) => {
      const event = eventOf(stage, done, total);
      const count = counts.get(stage) ?? 0;
      if (done >= total) left = event;
      if (done >= total || telling || count >= MAX_TOLD || performance.now() - lastAt < MIN_INTERVAL_MS) return;
      counts.set(stage, count + 1);
      lastAt = performance.now();
      telling = run
        .tell(event)
        .catch(() => undefined)
        .finally(() => {
          telling = undefined;
        });
    },
    settle: async () => {
      await telling;
      const last = left;
      left = undefined;
      return last ? [last] : [];
    },
  };
}
