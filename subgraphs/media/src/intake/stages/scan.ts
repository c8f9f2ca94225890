import { type Evidence, sealEvidence } from '../evidence.ts';
import type { Readings } from '../ports.ts';

/** SCAN: no signature matches, nothing is encrypted, no limit of the scanner was reached. */
export function scan({ scanned, sha256, startedAt, endedAt }: Readings): Evidence {
  return sealEvidence('SCAN', scanned, startedAt, endedAt, sha256);
}
