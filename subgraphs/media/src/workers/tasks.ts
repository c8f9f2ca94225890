import { withTenant } from '@assay/database';
import { type EntryStep, enter, inRequest } from '@assay/telemetry';
import type { JobHelpers, Task as JobTask, TaskList } from 'graphile-worker';
import { z } from 'zod';
import { enqueue, type Task } from '../assets/write.ts';
import { Superseded } from '../runs/asset-run.ts';
import { type Epochs, tellEpoch } from '../runs/epoch-run.ts';
import { runAssetIntake } from '../runs/intake-run.ts';
import type { RunPorts } from '../runs/ports.ts';
import { runAssetRender } from '../runs/render-run.ts';
import { tidyAsset } from '../runs/tidy-run.ts';

const payloadSchema = z.object({
  asset: z.uuid(),
  /** `traceparent` of whoever added it. */
  trace: z.string().optional(),
});

/** After whatever else went wrong: soon, and until it succeeds. */
const AGAIN_MS = 2_000;

/** Is told that a job begins. @returns what is told how it ended: one that is done `again` was added again */
export type OnStart = (name: Task) => (outcome: 'done' | 'again') => void;

/** The jobs that `media.enqueue` adds, by name. */
export function createTasks(ports: RunPorts, epochs: Epochs, onStart: OnStart): TaskList {
  const jobs: Record<Task, (assetId: string, requestId: string) => Promise<void>> = {
    intake: (assetId, requestId) => runAssetIntake(assetId, requestId, ports),
    render: (assetId, requestId) => runAssetRender(assetId, requestId, ports),
    epoch: (assetId, requestId) => tellEpoch(assetId, requestId, epochs, ports),
    tidy: (assetId, requestId) => tidyAsset(assetId, requestId, ports),
  };
  const entries = Object.entries(jobs).map(
    ([name, work]) => [name, repeating(parseTask(name), work, ports, onStart)] as const,
  );
  return Object.fromEntries(entries);
}

/**
 * A job that fails is added again: the queue's own waits grow to hours, which nobody who uploads would wait. So is one whose
 * asset went on without it: who went on may have been a worker that died since, or this one, by a commit whose answer was
 * lost. When that cannot be done either, because the database is away, the queue tries it again itself.
 */
function repeating(
  name: Task,
  work: (assetId: string, requestId: string) => Promise<void>,
  { database, log }: RunPorts,
  onStart: OnStart,
): JobTask {
  return async (payload: unknown, { job }: JobHelpers) => {
    const { asset, trace } = payloadSchema.parse(payload);
    const requestId = `job:${job.id}`;
    const tried = async () => {
      const end = onStart(name);
      try {
        await work(asset, requestId);
        end('done');
      } catch (error) {
        end('again');
        if (error instanceof Superseded)
          log.info({ task: name, asset }, 'the asset went on without this job, which looks again');
        else log.warn({ err: error, task: name, asset }, 'a job failed and is tried again');
        await withTenant(database, { system: 'system:intake', tenantId: null, requestId }, (tx) =>
          enqueue(tx, name, asset, AGAIN_MS),
        );
      }
    };
    await inRequest(requestId, () => enter(stepOf(name, job, trace), tried));
  };
}

function stepOf(name: Task, { id, attempts }: JobHelpers['job'], parent: string | undefined): EntryStep {
  const attributes = {
    'messaging.system': 'graphile_worker',
    'messaging.operation.type': 'process',
    'messaging.destination.name': name,
    'messaging.message.id': id,
    'messaging.message.attempts': attempts,
  };
  return { name: `process ${name}`, kind: 'consumer', parent, isOurs: true, attributes };
}

function parseTask(name: string): Task {
  if (name === 'intake' || name === 'render' || name === 'epoch' || name === 'tidy') return name;
  throw new TypeError(`There is no task ${name}.`);
}
