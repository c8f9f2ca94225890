import { timingSafeEqual } from 'node:crypto';
import { type Evidence, type Finding, sealEvidence, unknown } from '../evidence.ts';
import type { IntakeAsset, IntakePorts, Readings, Unread } from '../ports.ts';

/** RECEIVE: the object is the one that was announced, by size and SHA-256 (FIPS 180-4) of what the store holds. */
export function receive(asset: IntakeAsset, ports: IntakePorts, readings: Readings): Evidence {
  const startedAt = ports.now();
  const findings: Finding[] = [];
  if (readings.sizeBytes === 0) findings.push({ code: 'EMPTY' });
  if (BigInt(readings.sizeBytes) !== asset.declaredSize) {
    findings.push({ code: 'SIZE_MISMATCH', detail: `${readings.sizeBytes} bytes instead of ${asset.declaredSize}` });
  }
  if (!sameDigest(readings.sha256, asset.declaredSha256)) findings.push({ code: 'DIGEST_MISMATCH' });
  const verdict = findings.length === 0 ? 'PASS' : 'FAIL';
  const observed = { verdict, tool: 'assay', toolVersion: 'receive-1', dataVersion: null, findings } as const;
  return sealEvidence('RECEIVE', observed, startedAt, ports.now(), readings.sha256);
}

/** RECEIVE, of an object that was not read to its end: what came of it is neither what was announced nor anything else. */
export function unread({ unread: cause, startedAt, endedAt }: Unread): Evidence {
  return sealEvidence('RECEIVE', unknown('store', cause), startedAt, endedAt, '');
}

function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return left.length === 32 && left.length === right.length && timingSafeEqual(left, right);
}
