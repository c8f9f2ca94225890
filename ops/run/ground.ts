import { join } from 'node:path';
import type { Elsewhere } from './elsewhere.ts';
import type { Ground, Ports, Topology } from './part.ts';
import { CACHE_DIR, ROOT } from './paths.ts';
import { openSecrets } from './secrets.ts';

export interface GroundOptions {
  readonly stateDir: string;
  readonly ports: Ports;
  readonly elsewhere?: Elsewhere;
  readonly ending?: AbortSignal | undefined;
  readonly settings?: Ground['settings'];
  /** `single` when left out. */
  readonly topology?: Topology | undefined;
}

/** The ground of one system: its folder, its ports, its secrets. */
export function openGround({
  stateDir,
  ports,
  elsewhere = {},
  ending,
  settings,
  topology = 'single',
}: GroundOptions): Ground {
  const secrets = openSecrets(stateDir);
  return { root: ROOT, stateDir, cacheDir: CACHE_DIR, ports, secrets, elsewhere, ending, settings, topology };
}

/** Where a system writes down which ports it has. */
export function portsFileOf(stateDir: string): string {
  return join(stateDir, 'ports.json');
}
