import { isIPv6 } from 'node:net';
import type { Charge, RatePolicies } from './policy.ts';
import type { Counting, TakeRates } from './rates.ts';

/** Who asks for an operation, and what it is estimated at. */
export interface MeteredOperation {
  readonly subject: string | null;
  readonly address: string | null;
  readonly cost: number;
  readonly isMutation: boolean;
}

/** The rates of a gateway. */
export interface RateMeter {
  /** Counts a request as it comes in, before anything is read of it. @throws as {@link TakeRates} */
  arrive(address: string | null): Counting;
  /** Counts an operation that could run. @throws as {@link TakeRates} */
  admit(operation: MeteredOperation): Counting;
}

export function createRateMeter(policies: RatePolicies, take: TakeRates): RateMeter {
  return {
    arrive: (address) => take([{ policy: policies.address, who: networkOf(address), amount: 1 }], false),
    admit: ({ subject, address, cost, isMutation }) => {
      const charges: Charge[] = [];
      if (subject !== null) charges.push({ policy: policies.principal, who: subject, amount: 1 });
      if (cost > 0)
        charges.push({ policy: policies.cost, who: subject ?? networkOf(address), amount: Math.ceil(cost) });
      return take(charges, isMutation);
    },
  };
}

/** Whoever has one address of IPv6 has the 2^64 of its network (RFC 6177): they count as one. */
export function networkOf(address: string | null): string {
  if (address === null) return 'unknown';
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const [left, right] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(8 - left.length - right.length, 0) }, () => '0');
  const network = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::`;
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
