import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEnv } from './env.ts';

/** The checkout. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where tools live that are too large to build twice; outside the checkout. */
export const CACHE_DIR = join(readEnv()['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'assay');

/** The state of `npm start`; tests have their own. */
export const STATE_DIR = readEnv()['ASSAY_STATE_DIR'] ?? join(ROOT, '.assay');
