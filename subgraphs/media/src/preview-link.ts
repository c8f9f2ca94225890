import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** What a signed preview link opens. */
export interface PreviewLink {
  /** The object's key in the media bucket. */
  readonly key: string;
  /** The asset's epoch for previews when the link was made; once it moves on, the link opens nothing. */
  readonly epoch: string;
}

/** Makes and opens the path part of `GET /p/{signed}`. */
export interface PreviewLinks {
  /** @param expiresAtMs milliseconds since the epoch */
  sign(link: PreviewLink, expiresAtMs: number): string;
  /** What the link opens; null when a bit of it is not as it was signed, or when its time is over. */
  open(signed: string, nowMs: number): PreviewLink | null;
}

/**
 * Previews need no cookie and no token: whoever has the link sees the watermarked picture, as long as the link lasts.
 * Media signs, the edge opens; nobody else holds the key.
 *
 * @param key ASSAY_PREVIEW_KEY: at least 32 random bytes, base64url
 * @throws TypeError when the key is shorter
 */
export function createPreviewLinks(key: string): PreviewLinks {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length < 32) throw new TypeError('The preview key has at least 32 bytes (base64url).');
  const secret = createSecretKey(bytes);
  // RFC 2104. The purpose leads, so that nothing else that is ever signed with this key is a preview link.
  const mac = (text: string) => createHmac('sha256', secret).update(`assay preview 1\n${text}`).digest('base64url');

  return {
    sign: (link, expiresAtMs) => {
      const text = Buffer.from(JSON.stringify([link.key, link.epoch, expiresAtMs])).toString('base64url');
      return `${text}.${mac(text)}`;
    },
    open: (signed, nowMs) => {
      const dot = signed.indexOf('.');
      const text = signed.slice(0, Math.max(dot, 0));
      if (!isSame(signed.slice(dot + 1), mac(text))) return null;
      const [objectKey, epoch, expiresAtMs] = parse(text);
      if (typeof objectKey !== 'string' || typeof epoch !== 'string' || typeof expiresAtMs !== 'number') return null;
      return nowMs < expiresAtMs ? { key: objectKey, epoch } : null;
    },
  };
}

function parse(text: string): unknown[] {
  const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
  return Array.isArray(value) ? value : [];
}

/** Compares in constant time; only the length of what was presented can show. */
function isSame(presented: string, expected: string): boolean {
  const left = Buffer.from(presented);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
