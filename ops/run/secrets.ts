import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from './part.ts';

/** 32 random bytes as base64url: a key, or a password nobody has to type. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Secrets of one system, a file each (0600) in a folder of its own (0700). What does not exist is made.
 *
 * @param stateDir the system's folder
 */
export function openSecrets(stateDir: string): Secrets {
  const folder = join(stateDir, 'secrets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(stateDir, 0o700);
  chmodSync(folder, 0o700);
  const known = new Map<string, string>();
  return (name) => {
    if (!/^[a-z0-9@._-]+$/.test(name)) throw new Error(`${name} is no name of a secret.`);
    const secret = known.get(name) ?? readOrMake(join(folder, name));
    known.set(name, secret);
    return secret;
  };
}

function readOrMake(file: string): string {
  try {
    writeFileSync(file, newSecret(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
