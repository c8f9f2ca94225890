import type { Evidence, Stage } from './evidence.ts';
import type { IntakePolicy } from './ports.ts';

/** What the owner is told; never which list or signature it was. */
export type OwnerCode =
  | 'CHECKSUM_MISMATCH'
  | 'MALWARE'
  | 'TYPE_MISMATCH'
  | 'UNREADABLE'
  | 'TOO_LARGE'
  | 'CONTENT_POLICY'
  | 'REVIEW';

/** Where an asset goes from here. */
export interface Outcome {
  readonly state: 'RENDERING' | 'REJECTED' | 'QUARANTINED';
  readonly reasons: readonly OwnerCode[];
  /** Whether the bytes are deleted at once: what was never what it said it was. */
  readonly deleteBytes: boolean;
}

/** A stage has to be asked again before anything can be decided. */
export interface Retry {
  readonly state: 'RETRY';
  readonly stages: readonly Stage[];
}

/** Names the rules below; a decision carries it, with the tenant's own version. */
export const DECISION_RULES = 'intake-1';

/** Every one of these must be there, and a pass, before an asset is opened. */
const REQUIRED: readonly Stage[] = ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'MATCH', 'CLASSIFY'];

/**
 * Decides from the evidence alone. Missing, late or failed evidence is never a pass.
 *
 * @param lastTry whether a stage that stayed UNKNOWN will not be asked again: then a person decides
 */
export function decide(
  evidence: ReadonlyMap<Stage, Evidence>,
  { required }: IntakePolicy,
  lastTry: boolean,
): Outcome | Retry {
  const failed = (stage: Stage) => evidence.get(stage)?.verdict === 'FAIL';
  if (failed('RECEIVE')) return { state: 'REJECTED', reasons: ['CHECKSUM_MISMATCH'], deleteBytes: true };
  if (failed('SCAN')) return { state: 'QUARANTINED', reasons: ['MALWARE'], deleteBytes: false };
  const open = REQUIRED.filter((stage) => !evidence.has(stage) || evidence.get(stage)?.verdict === 'UNKNOWN');
  if (failed('SNIFF') && !open.includes('SCAN')) return rejected([sniffCode(evidence.get('SNIFF'))]);
  if (failed('INSPECT')) return rejected([inspectCode(evidence.get('INSPECT'))]);
  if (failed('MATCH') || failed('CLASSIFY'))
    return { state: 'QUARANTINED', reasons: ['CONTENT_POLICY'], deleteBytes: false };
  if (open.length === 0 && isAnswered(evidence.get('CLASSIFY'), required))
    return { state: 'RENDERING', reasons: [], deleteBytes: false };
  // Asking again brings no classifier for a label that nobody answers.
  return lastTry || open.length === 0
    ? { state: 'QUARANTINED', reasons: ['REVIEW'], deleteBytes: false }
    : { state: 'RETRY', stages: open };
}

/** Whether each label that the tenant requires was looked for; the limits of its policy say which are. */
function isAnswered(classified: Evidence | undefined, required: readonly string[]): boolean {
  const labels = new Set(classified?.findings.flatMap(({ code, detail }) => (code === 'CLASS' ? [detail] : [])));
  return required.every((label) => labels.has(label));
}

function rejected(reasons: readonly OwnerCode[]): Outcome {
  return { state: 'REJECTED', reasons, deleteBytes: false };
}

function sniffCode(evidence: Evidence | undefined): OwnerCode {
  return evidence?.findings.some(({ code }) => code === 'UNDECODABLE') ? 'UNREADABLE' : 'TYPE_MISMATCH';
}

function inspectCode(evidence: Evidence | undefined): OwnerCode {
  return evidence?.findings.some(({ code }) => code === 'TOO_MANY_PIXELS' || code === 'TOO_LARGE')
    ? 'TOO_LARGE'
    : 'UNREADABLE';
}
