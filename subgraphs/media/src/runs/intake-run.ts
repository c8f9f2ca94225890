import { withTenant } from '@assay/database';
import { enqueue } from '../assets/write.ts';
import { assetChannel } from '../events/wake.ts';
import { decide } from '../intake/decide.ts';
import { type Evidence, type Stage, sealEvidence, unknown } from '../intake/evidence.ts';
import { type Found, runIntake } from '../intake/pipeline.ts';
import type { IntakeAsset, IntakePorts } from '../intake/ports.ts';
import { findTenantPolicy } from '../policy/find-policy.ts';
import { intakePolicyOf } from '../policy/tenant-policy.ts';
import { type AssetRun, openRun, Superseded } from './asset-run.ts';
import { conclude } from './conclude.ts';
import { evidenceEvents, evidenceRows, insertEvidence, latestEvidence } from './evidence-rows.ts';
import type { RunPorts } from './ports.ts';
import { createProgressTeller, type ProgressTeller } from './progress.ts';
import { hangingUpAlone, type WholeRead, watchWholeRead } from './whole-read.ts';

const IN_INTAKE: ReadonlySet<string> = new Set(['RECEIVED', 'SCANNING', 'INSPECTING', 'CLASSIFYING']);
/** A state is entered once, also when the pipeline begins again. */
const ORDER = ['RECEIVED', 'SCANNING', 'INSPECTING', 'CLASSIFYING'];

/**
 * Takes an asset through intake, from wherever it stands to a decision. What every stage found is committed as it is found;
 * a run that ends in the middle, however it ends, is taken up again by the next.
 *
 * @param requestId names the job in audit entries
 */
export async function runAssetIntake(assetId: string, requestId: string, ports: RunPorts): Promise<void> {
  const run = await openRun(ports.database, assetId, requestId);
  if (!run || !IN_INTAKE.has(run.asset.state)) return;
  try {
    await takeThrough(run, requestId, ports);
  } catch (error) {
    if (!(error instanceof Superseded)) throw error;
    ports.log.info({ asset: assetId }, 'somebody else went on with the asset');
  }
}

async function takeThrough(run: AssetRun, requestId: string, ports: RunPorts): Promise<void> {
  const { known, asset } = await prepare(run, requestId, ports);
  const progress = createProgressTeller(run);
  const reading = watchWholeRead();
  const keeper = keep(run, known, progress, reading, ports);
  let found: Found = { readings: null, picture: null };
  let evidence: ReadonlyMap<Stage, Evidence>;
  try {
    const result = await runIntake(
      asset,
      intakePorts(run, ports, progress, reading),
      known,
      enter(run, progress, ports),
      keeper,
    );
    ({ found, evidence } = result);
  } catch (error) {
    if (error instanceof Superseded) throw error;
    ports.log.warn({ asset: asset.id, err: error }, 'intake could not be run to its end');
    const now = new Date();
    // The store, as a rule: whichever stage it was, none has an answer before the bytes were read.
    if (known.get('RECEIVE')?.verdict !== 'PASS')
      await keeper(sealEvidence('RECEIVE', unknown('store', error), now, now, ''), found);
    evidence = known;
  }
  const lastTry = run.asset.tries >= ports.retryAfterMs.length;
  const outcome = decide(evidence, asset.policy, lastTry);
  if (outcome.state === 'RETRY') return tryAgain(run, ports);
  await conclude(run, outcome, evidence, asset.policy, found, ports);
}

async function prepare(run: AssetRun, requestId: string, { database }: RunPorts) {
  const { id, tenantId, declaredType, declaredBytes, declaredSha256 } = run.asset;
  return withTenant(database, { system: 'system:intake', tenantId, requestId }, async (tx) => {
    const { version, settings } = await findTenantPolicy(tx, tenantId);
    const policy = intakePolicyOf(version, settings);
    const asset: IntakeAsset = {
      id,
      tenantId,
      declaredType,
      declaredSize: declaredBytes,
      declaredSha256: declaredSha256 ?? '',
      policy,
    };
    return { asset, known: await latestEvidence(tx, id) };
  });
}

function intakePorts(run: AssetRun, ports: RunPorts, progress: ProgressTeller, reading: WholeRead): IntakePorts {
  return {
    open: async () => reading.watch(() => openOriginal(run, ports)),
    scanner: hangingUpAlone(ports.scanner),
    sandbox: ports.sandbox,
    blockList: ports.blockList,
    classifier: ports.classifier,
    progress: async (stage, done, total) => progress.told(stage, done, total),
    now: () => new Date(),
  };
}

/** The pinned version, wherever it lies now. */
export async function openOriginal(
  { asset }: AssetRun,
  { vault }: Pick<RunPorts, 'vault'>,
): Promise<AsyncIterable<Uint8Array>> {
  const { bucket, objectKey: key, objectVersion: version } = asset;
  if (!bucket || !version) throw new Error(`Asset ${asset.id} has no bytes.`);
  return vault.open({ bucket, key, version });
}

function enter(run: AssetRun, progress: ProgressTeller, { wakes }: RunPorts) {
  return async (state: 'SCANNING' | 'INSPECTING' | 'CLASSIFYING') => {
    if (ORDER.indexOf(run.asset.state) >= ORDER.indexOf(state)) return;
    await progress.settle();
    await run.commit({ state }, [{ type: 'STATE_CHANGED', state }]);
    wakes.wake(assetChannel(run.asset.id));
  };
}

function keep(
  run: AssetRun,
  known: Map<Stage, Evidence>,
  progress: ProgressTeller,
  reading: WholeRead,
  { wakes }: RunPorts,
) {
  return async (made: Evidence, { readings }: Found) => {
    if (made.verdict !== 'UNKNOWN' && (made.stage === 'RECEIVE' || made.stage === 'SNIFF')) reading.verify();
    known.set(made.stage, made);
    const rows = evidenceRows(made, known);
    const { state } = run.asset;
    const last = await progress.settle();
    const facts = made.verdict === 'PASS' ? factsOf(made.stage, readings) : {};
    await run.commit(facts, [...last, ...evidenceEvents(rows, state)], (tx, asset) => insertEvidence(tx, asset, rows));
    wakes.wake(assetChannel(run.asset.id));
  };
}

/** What the row learns of the bytes, once the stage that tells it has passed. */
function factsOf(stage: Stage, readings: Found['readings']) {
  if (!readings) return {};
  if (stage === 'RECEIVE') return { sizeBytes: BigInt(readings.sizeBytes), sha256: readings.sha256 };
  const { mimeType } = readings.sniffed;
  return stage === 'SNIFF' && mimeType ? { mimeType, kind: 'IMAGE' as const } : {};
}

async function tryAgain(run: AssetRun, { retryAfterMs }: RunPorts): Promise<void> {
  const { tries, id } = run.asset;
  await run.commit({ tries: tries + 1 }, [], (tx) => enqueue(tx, 'intake', id, retryAfterMs[tries] ?? 0));
}
