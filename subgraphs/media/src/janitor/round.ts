import { expireUploads } from './expire-uploads.ts';
import type { JanitorPorts, JanitorRules, RoundReport } from './ports.ts';
import { releaseBytes } from './release-bytes.ts';
import { sweepBuckets } from './sweep.ts';

/**
 * One round: uploads whose form has ended expire, bytes that nobody may have any more are let go, and versions that no row
 * names are deleted. The database is asked first each time; while it is away nothing is done.
 *
 * @throws what the database or the store throws; what was done until then stays done, and the next round does the rest
 */
export async function runRound(ports: JanitorPorts, rules: JanitorRules, now: Date = new Date()): Promise<RoundReport> {
  const expiredUploads = await expireUploads(ports, rules, now);
  const releasedAssets = await releaseBytes(ports, rules, now);
  const { listedVersions, deletedVersions } = await sweepBuckets(ports, rules, now);
  return { expiredUploads, releasedAssets, deletedVersions, listedVersions };
}
