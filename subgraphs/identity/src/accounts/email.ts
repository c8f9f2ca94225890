import { createHmac } from 'node:crypto';

/** Finds an account by its e-mail address without the database knowing any: 32 bytes. */
export type EmailIndex = (email: string) => Uint8Array<ArrayBuffer>;

/**
 * A blind index: HMAC-SHA-256 of the normalised address. Whoever reads the table without the key can neither read an
 * address nor test a guess.
 *
 * @param key 32 random bytes, base64url
 */
export function createEmailIndex(key: string): EmailIndex {
  const secret = Buffer.from(key, 'base64url');
  if (secret.length < 32) throw new TypeError('The index key has at least 32 bytes (base64url).');
  return (email) => new Uint8Array(createHmac('sha256', secret).update(normalizeEmail(email)).digest());
}

/** One spelling for what people take for the same address: composed characters, no outer spaces, lower case. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
