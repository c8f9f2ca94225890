import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The session cookie. `__Host-` makes browsers demand Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2), so that no
 * neighbouring host can plant one; browsers take Secure from http://localhost.
 */
export const SESSION_COOKIE = '__Host-assay';

/** The value of one cookie of a request's header; undefined when there is none. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const start = `${name}=`;
  const pair = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start));
  return pair?.slice(start.length);
}

/** A Set-Cookie line for a cookie that scripts cannot read and other sites' requests do not carry. */
export function hostCookie(name: string, value: string, maxAgeS: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; Secure; SameSite=Lax`;
}

/** A new session's secret: 256 random bits, told to the browser only. */
export function newSessionSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of it. */
export function hashSessionSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/** Tokens against forged requests, bound to one session: none of them works for another. */
export interface Csrf {
  tokenOf(sessionSecret: string): string;
  isToken(sessionSecret: string, token: string | undefined): boolean;
}

/** @param key 32 random bytes */
export function createCsrf(key: Uint8Array): Csrf {
  const tokenOf = (sessionSecret: string) =>
    createHmac('sha256', key).update(`csrf:${sessionSecret}`).digest('base64url');
  return {
    tokenOf,
    isToken: (sessionSecret, token) => {
      const wanted = Buffer.from(tokenOf(sessionSecret));
      const given = Buffer.from(token ?? '');
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    },
  };
}
