import { describe, expect, it } from 'vitest';
import type { Grant } from './grant.ts';
import { createGrantSeal } from './seal.ts';
import { createToken, tokenHash } from './token.ts';

const seal = createGrantSeal(Buffer.alloc(32, 1).toString('base64url'));
const id = tokenHash(createToken());
const grant: Grant = {
  id,
  subject: '01890000-0000-7000-8000-000000000001',
  tenant: '01890000-0000-7000-8000-000000000002',
  asset: '01890000-0000-7000-8000-000000000003',
  license: null,
  key: 'tenants/t/media/a/original',
  version: 'v1',
  fileName: 'Grüße.jpg',
  mimeType: 'image/jpeg',
  sizeBytes: 2_000_000,
  assetEpoch: '0',
  licenseEpoch: '0',
  boot: 'f00',
  expiresAt: 1_800_000_000_000,
};

describe('a sealed grant', () => {
  it('opens to what was sealed', () => {
    expect(seal.open(seal.seal(grant))).toEqual(grant);
  });

  it('does not open with any bit of it flipped', () => {
    const bytes = Buffer.from(seal.seal(grant));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const bent = Buffer.from(bytes);
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(seal.open(bent.toString())).toBeNull();
    }
  });

  it('does not open cut, grown, empty, or under another key', () => {
    const sealed = seal.seal(grant);
    for (let length = 0; length < sealed.length; length++) expect(seal.open(sealed.slice(0, length))).toBeNull();
    expect(seal.open(`${sealed} `)).toBeNull();
    expect(createGrantSeal(Buffer.alloc(32, 2).toString('base64url')).open(sealed)).toBeNull();
  });
});

it('a grant with a line break in a field is refused, since fields are lines', () => {
  expect(() => seal.seal({ ...grant, fileName: 'a\nb' })).toThrow(TypeError);
});

describe('a lease', () => {
  const redeemer = { network: '192.0.2.0/24', userAgent: 'curl/8' };

  it('belongs to one grant and one redeemer', () => {
    const token = seal.leaseToken(id, redeemer);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(seal.isLease(token, id, redeemer)).toBe(true);
    expect(seal.isLease(token, tokenHash('another'), redeemer)).toBe(false);
    expect(seal.isLease(token, id, { ...redeemer, network: '198.51.100.0/24' })).toBe(false);
    expect(seal.isLease(token, id, { ...redeemer, userAgent: 'curl/9' })).toBe(false);
    expect(seal.isLease('', id, redeemer)).toBe(false);
  });

  it('is not a seal', () => {
    expect(seal.seal(grant)).not.toContain(seal.leaseToken(id, redeemer));
  });
});

it('refuses a short key', () => {
  expect(() => createGrantSeal('c2hvcnQ')).toThrow(TypeError);
});
