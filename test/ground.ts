import { inject } from 'vitest';
import type { Ground } from '../ops/run/part.ts';
import { CACHE_DIR, ROOT } from '../ops/run/paths.ts';
import { openSecrets } from '../ops/run/secrets.ts';

/** The system that `shared-system.ts` started for this run. */
export function sharedGround(): Ground {
  const stateDir = inject('stateDir');
  return { root: ROOT, stateDir, cacheDir: CACHE_DIR, ports: inject('ports'), secrets: openSecrets(stateDir) };
}
