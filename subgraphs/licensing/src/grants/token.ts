import { hash, randomBytes } from 'node:crypto';

/** A new bearer token: 256 random bits, base64url, 43 characters. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The name under which a token is known to Redis, to the audit and to logs: SHA-256 of its text, hex.
 * Looking up by hash also makes the comparison blind: how much of a guess was right never shows in the time it takes.
 */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex');
}
