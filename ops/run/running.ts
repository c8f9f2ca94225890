import { existsSync, readFileSync } from 'node:fs';
import { parseElsewhere } from './elsewhere.ts';
import { readEnv } from './env.ts';
import { openGround, portsFileOf } from './ground.ts';
import { recordedProcess } from './leftovers.ts';
import type { Ground, Ports } from './part.ts';
import { STATE_DIR } from './paths.ts';

/** What `npm start` is on record as while it runs. */
export const START_NAME = 'start';

/** The system that `npm start` brought up in this checkout. @throws Error that says to start it */
export function runningGround(): Ground {
  const file = portsFileOf(STATE_DIR);
  if (!existsSync(file) || recordedProcess(STATE_DIR, START_NAME) === null)
    throw new Error('Nothing runs in this checkout. Start it in another terminal first: npm start');
  const ports: Ports = JSON.parse(readFileSync(file, 'utf8'));
  return openGround({ stateDir: STATE_DIR, ports, elsewhere: parseElsewhere(readEnv()) });
}
