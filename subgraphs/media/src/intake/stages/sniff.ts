import { type Evidence, sealEvidence } from '../evidence.ts';
import type { Readings } from '../ports.ts';

/** SNIFF: the bytes are of the declared type, of that type alone, and end where it ends. */
export function sniff({ sniffed, sha256, startedAt, endedAt }: Readings): Evidence {
  return sealEvidence('SNIFF', sniffed.observation, startedAt, endedAt, sha256);
}
