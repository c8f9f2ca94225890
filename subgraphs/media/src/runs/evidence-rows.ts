import type { $Enums } from '@assay/database/clients/media';
import type { MediaTx } from '../assets/transaction.ts';
import type { NewEvent } from '../assets/write.ts';
import { ownerView } from '../intake/audience.ts';
import type { Evidence, Finding, FindingCode, Stage } from '../intake/evidence.ts';
import type { Readings } from '../intake/ports.ts';
import type { AssetChange } from './asset-run.ts';

/** Evidence, and for whom it is kept. */
export interface EvidenceFor {
  readonly audience: $Enums.Audience;
  readonly evidence: Evidence;
}

/** What a commit writes so that new evidence is kept. */
export interface Keeping {
  /** What the row learns of the bytes, once the stage that tells it has passed. */
  readonly change: AssetChange;
  readonly events: readonly NewEvent[];
  readonly rows: readonly EvidenceFor[];
}

/**
 * @param made new evidence, in the stages' order
 * @param known the latest of each stage that was kept before
 * @param state in which it was made
 * @param readings of the bytes; null when nobody read them
 */
export function keepingOf(
  made: readonly Evidence[],
  known: ReadonlyMap<Stage, Evidence>,
  state: $Enums.AssetState,
  readings: Readings | null,
): Keeping {
  const latest = new Map(known);
  const rows = made.flatMap((each) => evidenceRows(each, latest.set(each.stage, each)));
  const passed = made.filter(({ verdict }) => verdict === 'PASS');
  const change = Object.assign({}, ...passed.map(({ stage }) => factsOf(stage, readings)));
  return { change, events: evidenceEvents(rows, state), rows };
}

function factsOf(stage: Stage, readings: Readings | null): AssetChange {
  if (!readings) return {};
  if (stage === 'RECEIVE') return { sizeBytes: BigInt(readings.sizeBytes), sha256: readings.sha256 };
  const { mimeType } = readings.sniffed;
  return stage === 'SNIFF' && mimeType ? { mimeType, kind: 'IMAGE' } : {};
}

/**
 * The rows that a new piece of evidence leaves: one for everybody, or one for moderators and another for the owner where the
 * owner reads less of it. MATCH and CLASSIFY are one to the owner, so that row comes with the second of them.
 *
 * @param made the new evidence
 * @param known the latest of each stage, `made` included
 */
function evidenceRows(made: Evidence, known: ReadonlyMap<Stage, Evidence>): EvidenceFor[] {
  const stage = made.stage === 'MATCH' ? 'CLASSIFY' : made.stage;
  const seen = ownerView([...known.values()]).find((evidence) => evidence.stage === stage);
  const owners = seen && withoutInsides(seen);
  if (owners === made) return [{ audience: 'BOTH', evidence: made }];
  const forModerators: EvidenceFor = { audience: 'MODERATOR', evidence: made };
  return owners ? [forModerators, { audience: 'OWNER', evidence: owners }] : [forModerators];
}

/** Why a tool did not answer names hosts and files of ours: for moderators. */
function withoutInsides(evidence: Evidence): Evidence {
  if (!evidence.findings.some(({ code }) => code === 'UNAVAILABLE')) return evidence;
  return { ...evidence, findings: [{ code: 'UNAVAILABLE' }] };
}

function evidenceEvents(rows: readonly EvidenceFor[], state: $Enums.AssetState): NewEvent[] {
  return rows.map(({ audience, evidence: { stage, verdict } }) => ({
    type: 'STAGE_FINISHED',
    state,
    stage,
    verdict,
    audience,
  }));
}

/** Keeps rows of evidence, in the transaction that goes by them. */
export async function insertEvidence(
  tx: MediaTx,
  asset: { readonly id: string; readonly tenantId: string; readonly ownerId: string },
  rows: readonly EvidenceFor[],
): Promise<void> {
  await tx.evidence.createMany({
    data: rows.map(({ audience, evidence: { findings, ...evidence } }) => ({
      assetId: asset.id,
      tenantId: asset.tenantId,
      ownerId: asset.ownerId,
      audience,
      ...evidence,
      findings: findings.map((finding) => ({ ...finding })),
    })),
  });
}

interface EvidenceRow {
  stage: Stage;
  verdict: Evidence['verdict'];
  tool: string | null;
  tool_version: string | null;
  data_version: string | null;
  findings: { code: FindingCode; detail?: string; score?: number }[];
  started_at: Date;
  duration_ms: number;
  digest: string;
}

/** The latest evidence of each stage, as it was made. */
export async function latestEvidence(tx: MediaTx, assetId: string): Promise<Map<Stage, Evidence>> {
  const rows = await tx.$queryRaw<EvidenceRow[]>`
    select distinct on (e.stage) e.stage::text, verdict::text, tool, tool_version, data_version, findings, started_at, duration_ms, digest
    from media.evidence e where asset_id = ${assetId}::uuid and audience <> 'OWNER' order by e.stage, id desc`;
  return new Map(
    rows.map((row) => [
      row.stage,
      {
        stage: row.stage,
        verdict: row.verdict,
        tool: row.tool ?? '',
        toolVersion: row.tool_version ?? '',
        dataVersion: row.data_version,
        findings: row.findings satisfies readonly Finding[],
        startedAt: row.started_at,
        durationMs: row.duration_ms,
        digest: row.digest,
      },
    ]),
  );
}
