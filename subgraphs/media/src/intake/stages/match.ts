import { type Evidence, sealEvidence, unknown } from '../evidence.ts';
import type { IntakeAsset, IntakePorts, Readings } from '../ports.ts';

/** MATCH: the content is on no list of what may not be here, by exact SHA-256. */
export async function match(_asset: IntakeAsset, ports: IntakePorts, { sha256 }: Readings): Promise<Evidence> {
  const startedAt = ports.now();
  const observed = await ports.blockList.match(sha256).catch((error: unknown) => unknown('block list', error));
  return sealEvidence('MATCH', observed, startedAt, ports.now(), sha256);
}
