import { createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createMac } from './mac.ts';

it('is the HMAC-SHA-256 of every text, long or short, in any script', () => {
  for (let round = 0; round < 200; round++) {
    const key = randomBytes(1 + (round % 48)).toString('base64url');
    const text = randomBytes(round * 7).toString(round % 2 ? 'latin1' : 'base64');
    expect(createMac(key)(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
  }
});

it('does not depend on what was asked before', () => {
  const mac = createMac('key');
  const first = mac('one');
  mac('two');
  expect(mac('one')).toBe(first);
});

it('takes no other keys', () => {
  for (const key of ['', 'ä', 'with space', 'x'.repeat(65)]) expect(() => createMac(key)).toThrow(TypeError);
});
