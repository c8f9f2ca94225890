import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    if (!/^[a-z0-9@][a-z0-9@._-]*$/.test(name)) throw new Error(`${name} is no name of a secret.`);
    const secret = known.get(name) ?? readOrMake(folder, name);
    known.set(name, secret);
    return secret;
  };
}

function readOrMake(folder: string, name: string): string {
  const file = join(folder, name);
  const secret = read(file) ?? make(folder, file);
  if (secret.length < 16) throw new Error(`${file} holds no secret. Take it away, or start over: npm start -- --reset`);
  return secret;
}

/** Written whole under another name first: a start that is killed here leaves no empty secret, and of two starts one wins. */
function make(folder: string, file: string): string {
  const draft = join(folder, `.draft-${process.pid}-${randomBytes(6).toString('hex')}`);
  writeFileSync(draft, newSecret(), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
