import { expect, it } from 'vitest';
import { truncateAddress } from './address.ts';

it.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:DB8:0001:2::5', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8::/48'],
  ['::1', '::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
  ['unknown', null],
  ['', null],
  [undefined, null],
])('keeps the network of %s and no more', (address, network) => {
  expect(truncateAddress(address)).toBe(network);
});
