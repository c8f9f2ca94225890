import { type Evidence, sealEvidence, unknown } from '../evidence.ts';
import type { Picture } from '../picture.ts';
import type { Inspected, IntakeAsset, IntakePorts, Readings } from '../ports.ts';

/** INSPECT: the content decodes within the limits. The decoder runs in the sandbox, and brings what the classifier looks at. */
export async function inspect(
  asset: IntakeAsset,
  ports: IntakePorts,
  { sniffed, sha256 }: Readings,
): Promise<{ readonly evidence: Evidence; readonly picture: Picture | null }> {
  const startedAt = ports.now();
  const { observation, picture } = await look(asset, ports, sniffed.mimeType);
  return { evidence: sealEvidence('INSPECT', observation, startedAt, ports.now(), sha256), picture };
}

async function look(asset: IntakeAsset, ports: IntakePorts, mimeType: string | null): Promise<Inspected> {
  if (mimeType === null) return { observation: unknown('sandbox', new Error('The type is not known.')), picture: null };
  try {
    return await ports.cell.inspect(mimeType, asset.policy.maxPixels);
  } catch (error) {
    return { observation: unknown('sandbox', error), picture: null };
  }
}
