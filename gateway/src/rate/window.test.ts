import { describe, expect, it } from 'vitest';
import { networkOf } from './meter.ts';
import { DEFAULT_RATES, rateHeaders, ratePolicies } from './policy.ts';
import { retryAfter } from './window.ts';

describe('when to try again', () => {
  const window = { quota: 100, windowMs: 10_000, amount: 1 };

  it.each([
    ['at once, while there is room', { elapsed: 4_000, current: 10, before: 0 }, 0],
    ['when enough of the window before is out of reach', { elapsed: 0, current: 50, before: 98 }, 5_000],
    ['when this window is over, and enough of it then', { elapsed: 4_000, current: 198, before: 0 }, 6_000 + 5_000],
    ['when a full one has moved on by one', { elapsed: 9_000, current: 100, before: 0 }, 1_000 + 101],
  ])('%s', (_name, state, retryMs) => {
    const found = retryAfter({ ...window, ...state });
    expect(found).toBe(retryMs);
    const at = state.elapsed + found;
    const reach =
      at < 10_000 ? state.current + state.before * (1 - at / 10_000) : state.current * (1 - (at - 10_000) / 10_000);
    expect(Math.floor(reach)).toBeLessThanOrEqual(99);
  });
});

describe('what is more than the whole quota', () => {
  it.each([0, 50])('is refused for good, with %i counted before it', (current) => {
    const state = { elapsed: 4_000, current, before: 0 };
    expect(retryAfter({ quota: 100, windowMs: 10_000, amount: 101, ...state })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:db8:1:2::1', '2001:db8:1:2::'],
    ['2001:db8::1', '2001:db8:0:0::'],
    ['fe80::1%eth0', 'fe80:0:0:0::'],
    ['::1', '0:0:0:0::'],
    [null, 'unknown'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the default rates', () => {
  it('stay above what everybody may rely on', () => {
    expect(DEFAULT_RATES.principal).toBeGreaterThan(50);
    expect(DEFAULT_RATES.address).toBeGreaterThan(500);
  });

  it('are told as the draft says', () => {
    const { principal, cost } = ratePolicies(DEFAULT_RATES);
    expect(
      rateHeaders([
        { policy: principal, remaining: 9_999, resetMs: 1 },
        { policy: cost, remaining: 12.5, resetMs: 9_001 },
      ]),
    ).toEqual({
      'ratelimit-policy': '"principal";q=20000;w=10, "cost";q=5000000;w=10',
      ratelimit: '"principal";r=9999;t=1, "cost";r=12;t=10',
    });
  });
});
