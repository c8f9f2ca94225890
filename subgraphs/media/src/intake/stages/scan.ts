import { type Evidence, sealEvidence } from '../evidence.ts';
import type { IntakeAsset, IntakePorts, Readings } from '../ports.ts';

/** SCAN: no signature matches, nothing is encrypted, no limit of the scanner was reached. */
export function scan(_asset: IntakeAsset, ports: IntakePorts, { scanned, sha256 }: Readings): Evidence {
  return sealEvidence('SCAN', scanned, ports.now(), ports.now(), sha256);
}
