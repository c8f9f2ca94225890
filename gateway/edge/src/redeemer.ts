/**
 * The network that an address belongs to: /24 of IPv4, /48 of IPv6. Enough to tell a link that was passed on from a phone
 * that got another address at home, and too little to name a person (RFC 6973, data minimization).
 *
 * @returns such as `192.0.2.0/24` or `2001:db8:1::/48`; '' for what is no address
 */
export function networkOf(address: string): string {
  const text = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(text);
  if (v4) return `${v4[1]}.0/24`;
  const groups = leadingGroups(text);
  return groups ? `${groups.slice(0, 3).join(':')}::/48` : '';
}

/** The address that a rate is counted for: all of IPv4, /64 of IPv6, which is one household. */
export function sourceOf(address: string): string {
  const text = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return leadingGroups(text)?.join(':') ?? text;
}

/** The first four groups of an IPv6 address, without leading zeros; null for anything else. */
function leadingGroups(text: string): string[] | null {
  if (!text.includes(':') || !/^[\da-f:.]+$/i.test(text)) return null;
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16));
}
