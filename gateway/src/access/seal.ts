import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps something at a browser that it can neither read nor change. */
export interface Seal {
  close(text: string): string;
  /** Null for everything that this seal did not close. */
  open(sealed: string): string | null;
}

/**
 * AES-256-GCM (NIST SP 800-38D) under a key that is derived for one purpose (RFC 5869).
 *
 * @param key base64url, 32 random bytes
 * @param purpose what is sealed; another purpose's seal does not open here
 */
export function createSeal(key: string, purpose: string): Seal {
  const secret = deriveKey(key, purpose);
  return {
    close: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce, { authTagLength: 16 });
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < 28) return null;
      try {
        const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12), { authTagLength: 16 });
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

/** One key for each purpose out of one secret. */
export function deriveKey(key: string, purpose: string): Uint8Array {
  const secret = Buffer.from(key, 'base64url');
  if (secret.length < 32) throw new TypeError('The session key has at least 32 bytes (base64url).');
  return new Uint8Array(hkdfSync('sha256', secret, Buffer.alloc(0), `assay ${purpose}`, 32));
}
