import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ground, Ports } from './part.ts';
import { CACHE_DIR, ROOT, STATE_DIR } from './paths.ts';
import { openSecrets } from './secrets.ts';

/** The system that `npm start` brought up in this checkout. @throws Error that says to start it */
export function runningGround(): Ground {
  const file = join(STATE_DIR, 'ports.json');
  if (!existsSync(file)) throw new Error('Nothing runs in this checkout yet. Start it first: npm start');
  const ports = JSON.parse(readFileSync(file, 'utf8')) as Ports;
  return { root: ROOT, stateDir: STATE_DIR, cacheDir: CACHE_DIR, ports, secrets: openSecrets(STATE_DIR) };
}
