import { describe, expect, it } from 'vitest';
import { createRate } from './rate.ts';
import { networkOf, sourceOf } from './redeemer.ts';

describe('a rate', () => {
  it('lets through what was promised, every second, and refuses what is beyond', () => {
    const rate = createRate(500);
    const second = (startMs: number, requests: number) =>
      Array.from({ length: requests }, (_, i) => rate('192.0.2.1', startMs + (i * 1_000) / requests)).filter(Boolean)
        .length;
    for (let s = 0; s < 5; s++) expect(second(s * 1_000, 500)).toBe(500);
    const flooded = second(10_000, 5_000);
    expect(flooded).toBeGreaterThanOrEqual(500);
    expect(flooded).toBeLessThan(1_100);
  });

  it('counts each source for itself and forgets the quiet ones', () => {
    const rate = createRate(1);
    let passed = 0;
    for (let i = 0; i < 200_000; i++) passed += rate(`source ${i}`, i) ? 1 : 0;
    expect(passed).toBe(200_000);
    expect([rate('one', 0), rate('one', 0), rate('one', 0)]).toEqual([true, true, false]);
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24', '192.0.2.77'],
    ['::ffff:192.0.2.77', '192.0.2.0/24', '192.0.2.77'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48', '2001:db8:1:2'],
    ['2001:0db8:0001::6', '2001:db8:1::/48', '2001:db8:1:0'],
    ['::1', '0:0:0::/48', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0::/48', 'fe80:0:0:0'],
    ['', '', ''],
  ])('%s is of the network %s', (address, network, source) => {
    expect([networkOf(address), sourceOf(address)]).toEqual([network, source]);
  });
});
