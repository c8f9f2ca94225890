import { describe, expect, it } from 'vitest';
import { createLicenseKey, createLicenseKeyHash, keyHintOf, parseLicenseKey } from './license-key.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const pepper = Buffer.alloc(32, 7).toString('base64url');

describe('a licence key', () => {
  it('is seven groups of four that a person can type', () => {
    const key = createLicenseKey();
    expect(key).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){6}$/);
    expect(keyHintOf(key)).toBe(key.slice(-4));
  });

  it('is another one each time, with each symbol used', () => {
    const keys = Array.from({ length: 500 }, createLicenseKey);
    expect(new Set(keys).size).toBe(500);
    expect(new Set(keys.join('').replaceAll('-', ''))).toEqual(new Set(ALPHABET));
  });

  it('is read however people type it', () => {
    for (let i = 0; i < 200; i++) {
      const key = createLicenseKey();
      expect(parseLicenseKey(key)).toBe(key);
      expect(parseLicenseKey(` ${key.toLowerCase().replaceAll('-', '')}\n`)).toBe(key);
      expect(parseLicenseKey(key.replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(key);
    }
  });

  it('with any one symbol wrong is told to be mistyped', () => {
    const key = createLicenseKey();
    for (let at = 0; at < key.length; at++) {
      if (key[at] === '-') continue;
      for (const symbol of ALPHABET) {
        if (symbol === key[at]) continue;
        expect(parseLicenseKey(key.slice(0, at) + symbol + key.slice(at + 1))).toBeNull();
      }
    }
  });

  it('with two neighbours swapped is told to be mistyped', () => {
    for (let i = 0; i < 50; i++) {
      const symbols = createLicenseKey().replaceAll('-', '');
      for (let at = 0; at + 1 < symbols.length; at++) {
        const [left = '', right = ''] = symbols.slice(at, at + 2);
        if (left === right) continue;
        expect(parseLicenseKey(symbols.slice(0, at) + right + left + symbols.slice(at + 2))).toBeNull();
      }
    }
  });

  it('cut short, grown, or of other letters is told to be mistyped', () => {
    const key = createLicenseKey();
    for (const typed of [
      '',
      ' ',
      key.slice(1),
      `${key}0`,
      key.replace(/^./, 'U'),
      key.replace(/^./, 'é'),
      'x'.repeat(1_000_000),
    ]) {
      expect(parseLicenseKey(typed)).toBeNull();
    }
  });

  it('is stored as a hash that depends on the pepper', () => {
    const key = createLicenseKey();
    const one = createLicenseKeyHash(pepper)(key);
    expect(one).toHaveLength(32);
    expect(createLicenseKeyHash(pepper)(key)).toEqual(one);
    expect(createLicenseKeyHash(Buffer.alloc(32, 8).toString('base64url'))(key)).not.toEqual(one);
    expect(() => createLicenseKeyHash('c2hvcnQ')).toThrow(TypeError);
  });
});
