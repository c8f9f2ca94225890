import { hash, verify } from '@node-rs/argon2';

/**
 * OWASP's first choice for Argon2id (Password Storage Cheat Sheet; RFC 9106): 19 MiB, two passes, one lane.
 * A const enum cannot be imported here; 2 is Argon2id.
 */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

/** Longer ones would only be work for the server. */
const MAX_LENGTH = 1_024;

/** Hashes a password for the credential table; the result names its algorithm and parameters (`$argon2id$…`). */
export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2ID);
}

export type PasswordCheck = (password: string, stored: string | null) => Promise<boolean>;

/**
 * Makes the check of a password against an account's hash. Where there is no account (null) the same work is done for
 * nothing, so that time does not tell whether there is one.
 */
export async function createPasswordCheck(): Promise<PasswordCheck> {
  const nobodys = await hashPassword('nobody has this account');
  return async (password, stored) => {
    const right = await verify(stored ?? nobodys, password.slice(0, MAX_LENGTH)).catch(() => false);
    return right && stored !== null && password.length <= MAX_LENGTH;
  };
}
