import { createHmac, createSecretKey, randomBytes } from 'node:crypto';

/** Crockford's base 32: no I, L, O (read as 1, 1, 0) and no U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 26 symbols of 5 bits: 130 random bits. */
const SECRET_SYMBOLS = 26;
const CHECK_SYMBOLS = 2;
const GROUP = 4;
/**
 * The check is the secret, read as a number, modulo this prime, in two symbols. A prime below 32 * 32 that divides neither
 * 32^k nor 31 catches each wrong symbol and each swap of neighbours, and all but a thousandth of everything else,
 * within the alphabet; Crockford's own modulo 37 needs five symbols more, such as `*` and `$`.
 */
const CHECK_PRIME = 1021;

/** Makes a licence key: seven groups of four, the last two symbols a check. */
export function createLicenseKey(): string {
  const secret = Array.from(randomBytes(SECRET_SYMBOLS), (byte) => ALPHABET.charAt(byte & 31)).join('');
  return groupsOf(secret + checkOf(secret));
}

/**
 * Reads a key as people type it: any case, spaces or hyphens anywhere, O for 0, I and L for 1.
 *
 * @returns the key as {@link createLicenseKey} wrote it, or null when it is mistyped: no such key was ever made
 */
export function parseLicenseKey(typed: string): string | null {
  // Nobody types more than this; hostile input is not worth a regular expression.
  if (typed.length > 100) return null;
  const symbols = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (symbols.length !== SECRET_SYMBOLS + CHECK_SYMBOLS) return null;
  if ([...symbols].some((symbol) => !ALPHABET.includes(symbol))) return null;
  const secret = symbols.slice(0, SECRET_SYMBOLS);
  return checkOf(secret) === symbols.slice(SECRET_SYMBOLS) ? groupsOf(symbols) : null;
}

/** What may be shown of a key for ever: its last group, of whose twenty bits ten are the check. */
export function keyHintOf(key: string): string {
  return key.slice(-GROUP);
}

/** The form in which keys are stored: HMAC-SHA-256 under a pepper that the database does not hold. */
export type LicenseKeyHash = (key: string) => Uint8Array<ArrayBuffer>;

/**
 * @param pepper ASSAY_LICENSE_KEY_PEPPER: at least 32 random bytes, base64url
 * @throws TypeError when the pepper is shorter
 */
export function createLicenseKeyHash(pepper: string): LicenseKeyHash {
  const bytes = Buffer.from(pepper, 'base64url');
  if (bytes.length < 32) throw new TypeError('The licence key pepper has at least 32 bytes (base64url).');
  const secret = createSecretKey(bytes);
  return (key) => new Uint8Array(createHmac('sha256', secret).update(`assay license key 1\n${key}`).digest());
}

function checkOf(secret: string): string {
  let rest = 0;
  for (const symbol of secret) rest = (rest * 32 + ALPHABET.indexOf(symbol)) % CHECK_PRIME;
  return ALPHABET.charAt(rest >> 5) + ALPHABET.charAt(rest & 31);
}

function groupsOf(symbols: string): string {
  return symbols.match(/.{4}/g)?.join('-') ?? symbols;
}
