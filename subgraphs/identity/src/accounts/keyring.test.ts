import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createEmailIndex } from './email.ts';
import { createKeyring } from './keyring.ts';

const newKey = () => randomBytes(32).toString('base64url');

describe('personal data', () => {
  const keyring = createKeyring(newKey());

  it('comes back with the wrapped key, and looks different each time', () => {
    const key = keyring.create('a');
    const sealed = key.seal('email', 'ada@example.test');
    expect(keyring.unwrap('a', key.wrapped).open('email', sealed)).toBe('ada@example.test');
    expect(Buffer.from(sealed).includes('ada')).toBe(false);
    expect(key.seal('email', 'ada@example.test')).not.toEqual(sealed);
  });

  it('cannot be read as another field, for another account, changed, or with another keyring', () => {
    const key = keyring.create('a');
    const sealed = key.seal('email', 'ada@example.test');
    expect(() => key.open('display_name', sealed)).toThrow();
    expect(() => keyring.unwrap('b', key.wrapped)).toThrow();
    expect(() => createKeyring(newKey()).unwrap('a', key.wrapped)).toThrow();
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = new Uint8Array(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => key.open('email', changed)).toThrow();
    }
    expect(() => key.open('email', sealed.subarray(0, 20))).toThrow();
  });
});

describe('the blind index of an address', () => {
  it('is the same for every spelling of it, and another one under another key', () => {
    const index = createEmailIndex(newKey());
    expect(index(' Ada@Example.test ')).toEqual(index('ada@example.test'));
    expect(index('ada@example.test')).not.toEqual(index('ada@example.tes'));
    expect(createEmailIndex(newKey())('ada@example.test')).not.toEqual(index('ada@example.test'));
  });
});
