import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Personal data of one account: its fields can be read as long as its data key exists, and not a moment longer. */
export interface DataKey {
  /** The data key as the table keeps it, readable with the keyring only. */
  readonly wrapped: Uint8Array<ArrayBuffer>;
  /** Encrypts one field; the field's name and the account are bound to it. */
  seal(field: string, text: string): Uint8Array<ArrayBuffer>;
  /** @throws Error when the bytes are another account's or field's, or were changed */
  open(field: string, sealed: Uint8Array): string;
}

export interface Keyring {
  create(accountId: string): DataKey;
  /** @throws Error when the key was wrapped for another account or with another keyring */
  unwrap(accountId: string, wrapped: Uint8Array): DataKey;
}

/** The first byte of everything sealed, so that another scheme can follow: AES-256-GCM, 96-bit nonce, 128-bit tag. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The local keyring: wraps a data key for each account with AES-256-GCM (NIST SP 800-38D). Erasing an account is
 * forgetting its wrapped key.
 *
 * @param key 32 random bytes, base64url
 */
export function createKeyring(key: string): Keyring {
  const master = Buffer.from(key, 'base64url');
  if (master.length !== 32) throw new TypeError('The keyring key has 32 bytes (base64url).');
  return {
    create: (accountId) => {
      const bare = randomBytes(32);
      return dataKeyOf(accountId, bare, encrypt(master, `key:${accountId}`, bare));
    },
    unwrap: (accountId, wrapped) =>
      dataKeyOf(accountId, decrypt(master, `key:${accountId}`, wrapped), new Uint8Array(wrapped)),
  };
}

function dataKeyOf(accountId: string, bare: Buffer, wrapped: Uint8Array<ArrayBuffer>): DataKey {
  return {
    wrapped,
    seal: (field, text) => encrypt(bare, `${field}:${accountId}`, Buffer.from(text, 'utf8')),
    open: (field, sealed) => decrypt(bare, `${field}:${accountId}`, sealed).toString('utf8'),
  };
}

function encrypt(key: Buffer, purpose: string, plain: Buffer): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return new Uint8Array(Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]));
}

function decrypt(key: Buffer, purpose: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  const start = 1 + NONCE_BYTES + TAG_BYTES;
  if (bytes[0] !== VERSION || bytes.length < start) throw new Error('This was sealed in no way that is known.');
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(1 + NONCE_BYTES, start));
  return Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
}
