import type { MediaTx } from '../assets/transaction.ts';
import { enqueue, type NewEvent } from '../assets/write.ts';
import { assetChannel } from '../events/wake.ts';
import { decide } from '../intake/decide.ts';
import type { Evidence, Stage } from '../intake/evidence.ts';
import { type GoOn, runIntake } from '../intake/pipeline.ts';
import type { IntakeAsset, IntakePolicy, IntakePorts, SandboxCell } from '../intake/ports.ts';
import { type AssetRun, openRun, type WorkedAsset } from './asset-run.ts';
import { conclude } from './conclude.ts';
import { insertEvidence, type Keeping, keepingOf, latestEvidence } from './evidence-rows.ts';
import { findIntakePolicy } from './intake-policy.ts';
import type { RunPorts } from './ports.ts';
import { createProgressTeller, type ProgressTeller } from './progress.ts';
import { openOriginal, render } from './render-run.ts';

const IN_INTAKE: ReadonlySet<string> = new Set(['RECEIVED', 'SCANNING', 'INSPECTING', 'CLASSIFYING']);
const ORDER = ['RECEIVED', 'SCANNING', 'INSPECTING', 'CLASSIFYING'];

/**
 * Takes an asset through intake, from wherever it stands to a decision, and renders what was decided to be seen. What the stages found is committed before the asset
 * goes on; a run that ends in the middle, however it ends, is taken up again by the next.
 *
 * @param requestId names the job in audit entries
 * @throws Superseded, and what the database throws: the stages themselves are never away, they are UNKNOWN
 */
export async function runAssetIntake(assetId: string, requestId: string, ports: RunPorts): Promise<void> {
  const opened = await openRun(ports.database, assetId, requestId, look);
  if (!opened) return;
  const { run, seen } = opened;
  if (IN_INTAKE.has(run.asset.state)) return takeThrough(run, seen, ports);
  if (run.asset.state !== 'RENDERING') return;
  using cell = ports.sandbox.take();
  await render(run, seen.policy, cell, ports);
}

type Seen = Awaited<ReturnType<typeof look>>;

/** The tenant's policy, and what was found before. */
async function look(tx: MediaTx, { id, tenantId }: WorkedAsset) {
  return { policy: await findIntakePolicy(tx, tenantId), known: await latestEvidence(tx, id) };
}

async function takeThrough(run: AssetRun, { policy, known }: Seen, ports: RunPorts): Promise<void> {
  using cell = ports.sandbox.take();
  const progress = createProgressTeller(run);
  const { evidence, made, found } = await runIntake(
    intakeAssetOf(run.asset, policy),
    intakePorts(run, ports, progress, cell),
    known,
    goOn(run, known, progress, ports),
  );
  const kept = keepingOf(made, known, run.asset.state, found.readings);
  const keeping = { ...kept, events: [...(await progress.settle()), ...kept.events] };
  const lastTry = run.asset.tries >= ports.retryAfterMs.length;
  const outcome = decide(evidence, policy, lastTry);
  if (outcome.state === 'RETRY') return tryAgain(run, keeping, ports);
  await conclude(run, { outcome, evidence, policy, picture: found.picture, keeping }, ports);
  // The job that was added with the decision is for whoever comes after this process.
  if (outcome.state === 'RENDERING') await render(run, policy, cell, ports);
}

function intakeAssetOf(asset: WorkedAsset, policy: IntakePolicy): IntakeAsset {
  const { id, tenantId, declaredType, declaredBytes: declaredSize, declaredSha256 } = asset;
  return { id, tenantId, declaredType, declaredSize, declaredSha256: declaredSha256 ?? '', policy };
}

function intakePorts(run: AssetRun, ports: RunPorts, progress: ProgressTeller, cell: SandboxCell): IntakePorts {
  return {
    open: () => openOriginal(run, ports),
    scanner: ports.scanner,
    cell,
    blockList: ports.blockList,
    classifier: ports.classifier,
    progress: async (stage, done, total) => progress.told(stage, done, total),
    observe: ports.observe,
    now: () => new Date(),
  };
}

/** A state is entered once, also when the pipeline begins again. */
function goOn(run: AssetRun, known: Map<Stage, Evidence>, progress: ProgressTeller, { wakes }: RunPorts): GoOn {
  return async (state, made, { readings }) => {
    const { change, events, rows } = keepingOf(made, known, run.asset.state, readings);
    const isNew = ORDER.indexOf(run.asset.state) < ORDER.indexOf(state);
    const last = await progress.settle();
    const told: NewEvent[] = [...last, ...events, ...(isNew ? [{ type: 'STATE_CHANGED' as const, state }] : [])];
    if (told.length === 0) return;
    await run.commit({ ...change, ...(isNew ? { state } : {}) }, told, (tx, asset) => insertEvidence(tx, asset, rows));
    for (const each of made) known.set(each.stage, each);
    wakes.wake(assetChannel(run.asset.id));
  };
}

async function tryAgain(run: AssetRun, { change, events, rows }: Keeping, ports: RunPorts): Promise<void> {
  const { tries, id } = run.asset;
  await run.commit({ ...change, tries: tries + 1 }, events, async (tx, asset) => {
    await insertEvidence(tx, asset, rows);
    await enqueue(tx, 'intake', id, ports.retryAfterMs[tries] ?? 0);
  });
  ports.wakes.wake(assetChannel(id));
}
