import { type Evidence, sealEvidence } from '../evidence.ts';
import type { IntakeAsset, IntakePorts, Readings } from '../ports.ts';

/** SNIFF: the bytes are of the declared type, of that type alone, and end where it ends. */
export function sniff(_asset: IntakeAsset, ports: IntakePorts, { sniffed, sha256 }: Readings): Evidence {
  return sealEvidence('SNIFF', sniffed.observation, ports.now(), ports.now(), sha256);
}
