import type { Evidence } from './evidence.ts';

/** Coarse enough that nobody learns from the time which list was hit, in milliseconds. */
const OPINION_MS = 100;

/**
 * What an owner sees of the evidence: verdicts and codes. MATCH and CLASSIFY are one CLASSIFY, which fails when either does and
 * then names no tool, data or finding; SCAN says MALWARE and no signature. Nobody learns which list or signature hit.
 *
 * @param evidence the latest of each stage, in the stages' order
 */
export function ownerView(evidence: readonly Evidence[]): Evidence[] {
  const match = evidence.find(({ stage }) => stage === 'MATCH');
  const classify = evidence.find(({ stage }) => stage === 'CLASSIFY');
  return evidence.flatMap((each) => {
    if (each.stage === 'MATCH') return [];
    if (each.stage === 'SCAN') return [withoutSignature(each)];
    if (each.stage === 'CLASSIFY') return match && classify ? [opinion(match, classify)] : [];
    return [each];
  });
}

function withoutSignature(scan: Evidence): Evidence {
  if (scan.verdict !== 'FAIL') return scan;
  return { ...scan, dataVersion: null, digest: '', findings: [{ code: 'SIGNATURE', detail: 'MALWARE' }] };
}

function opinion(match: Evidence, classify: Evidence): Evidence {
  const verdict = worse(match.verdict, classify.verdict);
  const coarse = Math.ceil((match.durationMs + classify.durationMs) / OPINION_MS) * OPINION_MS;
  if (verdict === 'PASS') return { ...classify, durationMs: coarse };
  return {
    stage: 'CLASSIFY',
    verdict,
    tool: '',
    toolVersion: '',
    dataVersion: null,
    findings: [],
    startedAt: match.startedAt < classify.startedAt ? match.startedAt : classify.startedAt,
    durationMs: coarse,
    digest: '',
  };
}

function worse(a: Evidence['verdict'], b: Evidence['verdict']): Evidence['verdict'] {
  if (a === 'FAIL' || b === 'FAIL') return 'FAIL';
  return a === 'UNKNOWN' || b === 'UNKNOWN' ? 'UNKNOWN' : 'PASS';
}
