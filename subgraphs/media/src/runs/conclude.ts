import type { MediaTx } from '../assets/transaction.ts';
import { audit, enqueue } from '../assets/write.ts';
import { assetChannel, MODERATION_CHANNEL } from '../events/wake.ts';
import { DECISION_RULES, type Outcome } from '../intake/decide.ts';
import { type Evidence, type Stage, sealEvidence } from '../intake/evidence.ts';
import type { Picture } from '../intake/picture.ts';
import type { IntakePolicy } from '../intake/ports.ts';
import type { ObjectVersion } from '../vault/vault.ts';
import { type AssetChange, type AssetRun, commitNaming, type WorkedAsset } from './asset-run.ts';
import { insertEvidence, type Keeping } from './evidence-rows.ts';
import { jpegSize } from './jpeg-size.ts';
import type { RunPorts } from './ports.ts';

/** Who decides goes on with the asset; by then somebody else does. */
const RENDERED_BY_OTHERS_MS = 60_000;

/** A decision, and what it was made from. */
export interface Conclusion {
  readonly outcome: Outcome;
  /** The latest of each stage. */
  readonly evidence: ReadonlyMap<Stage, Evidence>;
  readonly policy: IntakePolicy;
  readonly picture: Picture | null;
  /** Evidence of these that is not kept yet. */
  readonly keeping: Keeping;
}

/**
 * Writes a decision: where the bytes go comes first, then state, decision, evidence, audit entry and the next job in one
 * transaction. What was moved for a decision that did not commit is a version that nobody names, and is removed.
 */
export async function conclude(run: AssetRun, conclusion: Conclusion, ports: RunPorts): Promise<void> {
  const { outcome, evidence, policy, picture, keeping } = conclusion;
  const { state, reasons, deleteBytes } = outcome;
  const verdict = verdictOf(outcome);
  const policyVersion = `${DECISION_RULES}/${policy.version}`;
  const now = new Date();
  const tool = { tool: 'assay', toolVersion: DECISION_RULES, dataVersion: policy.version, findings: [] };
  const decided = sealEvidence('DECIDE', { verdict, ...tool }, now, new Date(), digestOf(evidence));
  ports.observe(decided);

  const moved: AssetChange = deleteBytes ? { bucket: null, objectVersion: null } : await whereTo(run, state, ports);
  const blurred = state === 'QUARANTINED' && picture ? await keepBlurred(run, picture.blurred, ports) : null;

  const { objectKey: key } = run.asset;
  const copied =
    moved.bucket && moved.objectVersion ? [{ bucket: moved.bucket, key, version: moved.objectVersion }] : [];
  const objects = [...copied, ...(blurred ? [blurred.object] : [])];
  const commit = () =>
    run.commit(
      { ...keeping.change, state, ...moved, tries: 0 },
      [...keeping.events, { type: 'DECIDED', state, stage: 'DECIDE', verdict }],
      async (tx, asset) => {
        await insertEvidence(tx, asset, [...keeping.rows, { audience: 'BOTH', evidence: decided }]);
        const { id: assetId, tenantId, ownerId } = asset;
        await tx.decision.createMany({
          data: [
            {
              assetId,
              tenantId,
              ownerId,
              audience: 'BOTH',
              verdict,
              policyVersion,
              reasons: [...reasons],
              decidedBy: 'system:intake',
            },
          ],
        });
        if (blurred) await insertRenditions(tx, asset, 'MODERATION', [blurred]);
        await audit(tx, 'asset.decide', assetId, [state, ...reasons].join(' '));
        if (state === 'RENDERING') await enqueue(tx, 'render', assetId, RENDERED_BY_OTHERS_MS);
        else await enqueue(tx, 'tidy', assetId);
      },
    );
  await commitNaming(objects, ports, commit);
  ports.wakes.wake(assetChannel(run.asset.id), ...(state === 'QUARANTINED' ? [MODERATION_CHANNEL] : []));
}

function verdictOf({ state, reasons }: Outcome): Evidence['verdict'] {
  if (state === 'RENDERING') return 'PASS';
  return reasons.includes('REVIEW') ? 'UNKNOWN' : 'FAIL';
}

/** A decision speaks of all the evidence that it was made from. */
function digestOf(evidence: ReadonlyMap<Stage, Evidence>): string {
  return [...evidence.values()].map(({ digest }) => digest).join('');
}

/** What is refused lies in quarantine. Where the store is away the row says where the bytes still are, and they are moved later. */
export async function whereTo(run: AssetRun, state: Outcome['state'], { vault, log }: RunPorts): Promise<AssetChange> {
  const { bucket, objectKey: key, objectVersion: version } = run.asset;
  if (state === 'RENDERING' || bucket === 'QUARANTINE' || !bucket || !version) return {};
  try {
    const moved = await vault.copy({ bucket, key, version }, 'QUARANTINE');
    return { bucket: moved.bucket, objectVersion: moved.version };
  } catch (error) {
    log.warn({ asset: run.asset.id, err: error }, 'the bytes are moved to quarantine later');
    return {};
  }
}

interface StoredRendition {
  readonly object: ObjectVersion;
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
  readonly sizeBytes: number;
}

async function keepBlurred(
  run: AssetRun,
  bytes: Uint8Array,
  { vault, log }: RunPorts,
): Promise<StoredRendition | null> {
  const size = jpegSize(bytes);
  if (!size) return null;
  try {
    const key = run.asset.objectKey.replace(/original$/, 'moderation.jpg');
    const object = await vault.put('QUARANTINE', key, bytes, 'image/jpeg');
    return { object, ...size, mimeType: 'image/jpeg', sizeBytes: bytes.length };
  } catch (error) {
    log.warn({ asset: run.asset.id, err: error }, 'there is no preview for moderators');
    return null;
  }
}

/** Names the rendered files of an asset; earlier ones for the same purpose are forgotten. */
export async function insertRenditions(
  tx: MediaTx,
  { id: assetId, tenantId, ownerId }: Pick<WorkedAsset, 'id' | 'tenantId' | 'ownerId'>,
  purpose: 'PREVIEW' | 'MODERATION',
  files: readonly StoredRendition[],
): Promise<void> {
  await tx.rendition.deleteMany({ where: { assetId, purpose } });
  await tx.rendition.createMany({
    data: files.map(({ object, width, height, mimeType, sizeBytes }) => ({
      assetId,
      tenantId,
      ownerId,
      purpose,
      width,
      height,
      mimeType,
      sizeBytes: BigInt(sizeBytes),
      bucket: object.bucket,
      objectKey: object.key,
      objectVersion: object.version,
    })),
  });
}
