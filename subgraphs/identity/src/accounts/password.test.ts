import { beforeAll, describe, expect, it } from 'vitest';
import { createPasswordCheck, hashPassword, type PasswordCheck } from './password.ts';

describe('a password', () => {
  let isPassword: PasswordCheck;
  let hash: string;
  beforeAll(async () => {
    isPassword = await createPasswordCheck();
    hash = await hashPassword('correct horse');
  });

  it('is right only when it is the same, for an account that exists', async () => {
    expect(await isPassword('correct horse', hash)).toBe(true);
    expect(await isPassword('correct horse ', hash)).toBe(false);
    expect(await isPassword('', hash)).toBe(false);
    expect(await isPassword('nobody has this account', null)).toBe(false);
    expect(await isPassword('correct horse', '$argon2id$nonsense')).toBe(false);
  });

  it('is not cut: what is longer than the longest is wrong', async () => {
    const long = 'x'.repeat(1_024);
    const hashOfLong = await hashPassword(long);
    expect(await isPassword(long, hashOfLong)).toBe(true);
    expect(await isPassword(`${long}x`, hashOfLong)).toBe(false);
  });

  it('is hashed as Argon2id with 19 MiB and two passes, each time with another salt', async () => {
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hashPassword('correct horse')).not.toBe(hash);
  });

  it('takes as long to refuse for nobody as for somebody', async () => {
    const quickest = async (stored: string | null) => {
      const times: number[] = [];
      for (let round = 0; round < 9; round += 1) {
        const from = performance.now();
        await isPassword('wrong', stored);
        times.push(performance.now() - from);
      }
      return Math.min(...times);
    };
    const [somebody, nobody] = [await quickest(hash), await quickest(null)];
    expect(Math.abs(somebody - nobody) / Math.max(somebody, nobody)).toBeLessThan(0.4);
  });
});
