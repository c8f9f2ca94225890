import { createHash } from 'node:crypto';

export const STAGES = [
  'RECEIVE',
  'SNIFF',
  'SCAN',
  'INSPECT',
  'MATCH',
  'CLASSIFY',
  'DECIDE',
  'RENDER',
  'PUBLISH',
] as const;
export type Stage = (typeof STAGES)[number];
export type Verdict = 'PASS' | 'FAIL' | 'UNKNOWN';

/** One thing that a stage found: a stable code, and what a person wants to know of it. */
export interface Finding {
  readonly code: FindingCode;
  readonly detail?: string;
  /** 0 to 1, where a classifier speaks. */
  readonly score?: number;
}

export type FindingCode =
  | 'SIZE_MISMATCH'
  | 'DIGEST_MISMATCH'
  | 'EMPTY'
  | 'UNKNOWN_TYPE'
  | 'OTHER_TYPE'
  | 'TRAILING_DATA'
  | 'POLYGLOT'
  | 'SIGNATURE'
  | 'ENCRYPTED'
  | 'SCAN_LIMIT'
  | 'UNDECODABLE'
  | 'TOO_MANY_PIXELS'
  | 'TOO_LARGE'
  | 'ANIMATED'
  | 'BLOCK_LISTED'
  | 'CLASS'
  | 'UNAVAILABLE';

/** What a stage leaves behind. A stage that could not answer says UNKNOWN, and that is never a pass. */
export interface Evidence {
  readonly stage: Stage;
  readonly verdict: Verdict;
  readonly tool: string;
  readonly toolVersion: string;
  /** Of signatures, models or lists; null where the tool has no data. */
  readonly dataVersion: string | null;
  readonly findings: readonly Finding[];
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Hex SHA-256 over the rest of the evidence and the digest of the content it speaks of. */
  readonly digest: string;
}

/** What a stage knows before it is timed and sealed. */
export type Observation = Pick<Evidence, 'verdict' | 'tool' | 'toolVersion' | 'dataVersion' | 'findings'>;

/**
 * Seals an observation as evidence about some content.
 *
 * @param contentDigest hex SHA-256 of the bytes, '' while nobody has read them
 */
export function sealEvidence(
  stage: Stage,
  observed: Observation,
  startedAt: Date,
  endedAt: Date,
  contentDigest: string,
): Evidence {
  const evidence = {
    stage,
    verdict: observed.verdict,
    tool: observed.tool,
    toolVersion: observed.toolVersion,
    dataVersion: observed.dataVersion,
    findings: observed.findings,
    startedAt,
    durationMs: Math.max(0, endedAt.getTime() - startedAt.getTime()),
  };
  const digest = createHash('sha256')
    .update(JSON.stringify([contentDigest, evidence]))
    .digest('hex');
  return { ...evidence, digest };
}

/** The observation of a stage that could not answer: the tool was away, late, or talked nonsense. */
export function unknown(tool: string, error: unknown): Observation {
  const detail = error instanceof Error ? error.message : String(error);
  return { verdict: 'UNKNOWN', tool, toolVersion: '', dataVersion: null, findings: [{ code: 'UNAVAILABLE', detail }] };
}
