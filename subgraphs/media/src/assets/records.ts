import type { $Enums } from '@assay/database/clients/media';
import DataLoader from 'dataloader';
import type { AssetReader, RecordAudience } from './asset-reader.ts';
import type { AssetRecord } from './asset-record.ts';
import type { MediaTx } from './transaction.ts';

export interface EvidenceRecord {
  readonly stage: $Enums.Stage;
  readonly verdict: $Enums.Verdict;
  readonly tool: string | null;
  readonly toolVersion: string | null;
  readonly dataVersion: string | null;
  readonly findings: readonly FindingRecord[];
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly digest: string;
}

export interface FindingRecord {
  readonly code: string;
  readonly detail: string | null;
  readonly score: number | null;
}

export interface DecisionRecord {
  readonly verdict: $Enums.Verdict;
  readonly policyVersion: string;
  readonly reasons: readonly string[];
  /** What a moderator wrote with his verdict, for moderators. */
  readonly note: string | null;
  readonly decidedAt: Date;
  readonly decidedBy: string;
}

/** What was found out and decided about one asset. */
export interface AssetKnowledge {
  readonly evidence: readonly EvidenceRecord[];
  readonly decision: DecisionRecord | null;
}

export interface ModerationFile {
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
}

/** What was found out and decided about assets, as far as the caller may read it; loads are batched by request. */
export interface Records {
  /** The newest of each stage, in the stages' order. */
  evidenceOf(asset: AssetRecord): Promise<readonly EvidenceRecord[]>;
  /** The newest. */
  decisionOf(asset: AssetRecord): Promise<DecisionRecord | null>;
  /** The blurred picture; null but for moderators, and unless there is one. */
  moderationFileOf(asset: AssetRecord): Promise<ModerationFile | null>;
}

/** @param reader says as whom the caller reads */
export function createRecords(reader: AssetReader): Records {
  const evidence = loader(reader, readEvidence);
  const decision = loader(reader, readDecisions);
  const moderation = loader(reader, readModerationFiles);
  return {
    evidenceOf: async (asset) => asset.asLeft?.evidence ?? (await evidence.load(asset)) ?? [],
    decisionOf: async (asset) => (asset.asLeft ? asset.asLeft.decision : decision.load(asset)),
    moderationFileOf: async (asset) => (asset.seenAs === 'MODERATOR' ? moderation.load(asset) : null),
  };
}

type AudienceName = RecordAudience['name'];
type ReadFor<T> = (tx: MediaTx, ids: string[], audience: AudienceName) => Promise<ReadonlyMap<string, T>>;

/** Whose rows an audience never reads; row security hides them, and so does the query, should it ever be off. */
const OTHERS = { OWNER: 'MODERATOR', MODERATOR: 'OWNER' } as const satisfies Record<AudienceName, AudienceName>;

/** One query a batch and audience. */
function loader<T>(reader: AssetReader, read: ReadFor<T>): DataLoader<AssetRecord, T | null, string> {
  return new DataLoader<AssetRecord, T | null, string>(
    async (assets) => {
      const audiences = assets.map((asset) => reader.audienceOf(asset));
      const found = new Map<string, T>();
      for (const name of ['OWNER', 'MODERATOR'] as const) {
        const session = audiences.find((audience): audience is RecordAudience => audience?.name === name)?.session;
        const ids = assets.filter((_, index) => audiences[index]?.name === name).map((asset) => asset.id);
        if (session) for (const [id, value] of await session.read((tx) => read(tx, ids, name))) found.set(id, value);
      }
      return assets.map((asset) => found.get(asset.id) ?? null);
    },
    { cache: false, cacheKeyFn: (asset) => asset.id },
  );
}

/** What a moderator reads of one asset, within a transaction of his. */
export async function readRecord(tx: MediaTx, id: string): Promise<AssetKnowledge> {
  const [evidence, decision] = [await readEvidence(tx, [id], 'MODERATOR'), await readDecisions(tx, [id], 'MODERATOR')];
  return { evidence: evidence.get(id) ?? [], decision: decision.get(id) ?? null };
}

interface EvidenceRow {
  asset_id: string;
  stage: $Enums.Stage;
  verdict: $Enums.Verdict;
  tool: string | null;
  tool_version: string | null;
  data_version: string | null;
  findings: { code: string; detail?: string; score?: number }[];
  started_at: Date;
  duration_ms: number;
  digest: string;
}

async function readEvidence(
  tx: MediaTx,
  ids: string[],
  audience: AudienceName,
): Promise<ReadonlyMap<string, readonly EvidenceRecord[]>> {
  const rows = await tx.$queryRaw<EvidenceRow[]>`
    select distinct on (e.asset_id, e.stage) asset_id, e.stage::text, verdict::text, nullif(tool, '') as tool,
      nullif(tool_version, '') as tool_version, data_version, findings, started_at, duration_ms, digest
    from media.evidence e where asset_id = any (${ids}::uuid[]) and audience <> ${OTHERS[audience]}::media.audience
    order by e.asset_id, e.stage, e.id desc`;
  return Map.groupBy(rows.map(evidenceOf), ({ assetId }) => assetId);
}

function evidenceOf(row: EvidenceRow): EvidenceRecord & { readonly assetId: string } {
  return {
    assetId: row.asset_id,
    stage: row.stage,
    verdict: row.verdict,
    tool: row.tool,
    toolVersion: row.tool_version,
    dataVersion: row.data_version,
    findings: row.findings.map(({ code, detail, score }) => ({ code, detail: detail ?? null, score: score ?? null })),
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    digest: row.digest,
  };
}

async function readDecisions(
  tx: MediaTx,
  ids: string[],
  audience: AudienceName,
): Promise<ReadonlyMap<string, DecisionRecord>> {
  const rows = await tx.decision.findMany({
    where: { assetId: { in: ids }, audience: { not: OTHERS[audience] } },
    distinct: ['assetId'],
    orderBy: [{ assetId: 'asc' }, { id: 'desc' }],
  });
  const isModerator = audience === 'MODERATOR';
  return new Map(rows.map((row) => [row.assetId, { ...row, note: isModerator ? row.note : null }]));
}

async function readModerationFiles(tx: MediaTx, ids: string[]): Promise<ReadonlyMap<string, ModerationFile>> {
  const rows = await tx.rendition.findMany({ where: { assetId: { in: ids }, purpose: 'MODERATION' } });
  return new Map(rows.map((row) => [row.assetId, row]));
}
