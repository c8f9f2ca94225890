import type { BlockList } from '../intake/ports.ts';

/** Looks a digest up in the block list, in a transaction of the worker's role. @returns the list's revision and whether it holds the digest */
export type LookUpDigest = (sha256: string) => Promise<{ readonly listed: boolean; readonly revision: string }>;

/** The exact SHA-256 list behind its port. */
export function createBlockList(lookUp: LookUpDigest): BlockList {
  return {
    match: async (sha256) => {
      const { listed, revision } = await lookUp(sha256);
      const tool = { tool: 'block list', toolVersion: 'sha256-1', dataVersion: revision };
      return listed
        ? { verdict: 'FAIL', ...tool, findings: [{ code: 'BLOCK_LISTED' }] }
        : { verdict: 'PASS', ...tool, findings: [] };
    },
  };
}
