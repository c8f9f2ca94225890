import { type Evidence, sealEvidence, unknown } from '../evidence.ts';
import type { Picture } from '../picture.ts';
import type { IntakeAsset, IntakePorts, Readings } from '../ports.ts';

/** CLASSIFY: no class that the tenant's policy limits reaches its limit. */
export async function classify(
  asset: IntakeAsset,
  ports: IntakePorts,
  { sha256 }: Readings,
  picture: Picture,
): Promise<Evidence> {
  const startedAt = ports.now();
  const observed = await ports.classifier
    .classify(picture, asset.policy.limits)
    .catch((error: unknown) => unknown('classifier', error));
  return sealEvidence('CLASSIFY', observed, startedAt, ports.now(), sha256);
}
