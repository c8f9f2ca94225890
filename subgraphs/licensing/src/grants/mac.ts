import { hash } from 'node:crypto';

/** Bytes of a block of SHA-256. */
const BLOCK = 64;

/**
 * HMAC-SHA-256 (RFC 2104) of texts, as base64url, by two one-shot hashes. `createHmac` makes and drops a stream each time,
 * at twice the price, and a redemption takes two of them.
 *
 * @param key up to 64 ASCII characters; its bytes are the key. So the padded key is ASCII too, and can lead the text.
 * @throws TypeError for any other key
 */
export function createMac(key: string): (text: string) => string {
  if (!/^[\x21-\x7e]{1,64}$/.test(key)) throw new TypeError('The key of a MAC is up to 64 ASCII characters.');
  const inner = padded(key, 0x36).toString('latin1');
  const outer = Buffer.concat([padded(key, 0x5c), Buffer.alloc(32)]);
  return (text) => {
    outer.write(hash('sha256', inner + text, 'hex'), BLOCK, 'hex');
    return hash('sha256', outer, 'base64url');
  };
}

function padded(key: string, pad: number): Buffer {
  const bytes = Buffer.alloc(BLOCK, pad);
  for (let at = 0; at < key.length; at++) bytes[at] = key.charCodeAt(at) ^ pad;
  return bytes;
}
