import { createMetrics, pastStep } from '@assay/telemetry';
import type { Evidence } from '../intake/evidence.ts';
import type { IntakeHealth } from './intake-health.ts';

/** What the worker tells in figures, and what of its work is a step of a trace. */
export interface IntakeFigures {
  /** A stage has said something. */
  observe(evidence: Evidence): void;
  /** A job begins. @returns what is called when it has ended */
  startJob(task: string): (outcome: 'done' | 'again') => void;
  /** OpenMetrics. @param health as it is now */
  print(health: IntakeHealth): Promise<string>;
  readonly contentType: string;
}

const STAGE_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function openIntakeFigures(): IntakeFigures {
  const { registry, gauge, histogram } = createMetrics();
  const stages = histogram(
    'assay_intake_stage_duration_seconds',
    'Time of one stage, by what it said; RECEIVE, SNIFF and SCAN look at the same reading.',
    ['stage', 'verdict'],
    STAGE_BUCKETS,
  );
  const jobs = histogram(
    'assay_intake_job_duration_seconds',
    'Time of one job; one that ended with "again" was added again.',
    ['task', 'outcome'],
    STAGE_BUCKETS,
  );
  const waiting = gauge('assay_intake_jobs_waiting', 'Jobs that are due and that nobody works on.', []);
  const oldest = gauge('assay_intake_oldest_job_seconds', 'How long the first of them has been due.', []);
  const signatures = gauge('assay_intake_signatures_age_seconds', 'Age of the signatures that SCAN goes by.', []);
  return {
    observe: ({ stage, verdict, startedAt, durationMs, tool }) => {
      stages.observe({ stage, verdict }, durationMs / 1_000);
      const attributes = { 'assay.stage': stage, 'assay.verdict': verdict, 'assay.tool': tool };
      pastStep({ name: `stage ${stage}`, attributes }, startedAt, new Date(startedAt.getTime() + durationMs));
    },
    startJob: (task) => {
      const stop = jobs.startTimer({ task });
      return (outcome) => void stop({ outcome });
    },
    print: ({ parts: { queue, clamd } }) => {
      waiting.set(queue.depth ?? 0);
      oldest.set(queue.oldestS ?? 0);
      if (clamd.signaturesAgeS != null) signatures.set(clamd.signaturesAgeS);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
