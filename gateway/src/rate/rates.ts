import { failure } from '@assay/failure';
import { LRUCache } from 'lru-cache';
import type { Charge, Standing } from './policy.ts';
import { RateLimited } from './refusal.ts';
import type { Counted, Windows, Wish } from './window.ts';

export interface RatesOptions {
  readonly windows: Windows;
  /** What becomes of reads while it cannot be told how much was asked; changes are refused then. */
  readonly whenAway: 'open' | 'closed';
  /** Gets why it could not be told. */
  report(error: unknown): void;
}

/**
 * Counts charges, all or none.
 *
 * @param isChange whether nothing may happen uncounted
 * @returns how each stands; none where it could not be told
 * @throws RateLimited; Failure UPSTREAM_UNAVAILABLE where it cannot be told and that matters
 */
export type TakeRates = (charges: readonly Charge[], isChange: boolean) => Counting;

/** At once, where it is known. */
export type Counting = Promise<readonly Standing[]> | readonly Standing[];

/** What was counted ahead for one who asks often, to be used within a moment. */
interface Lease {
  readonly size: number;
  readonly from: number;
  readonly room: number;
  readonly resetAt: number;
  left: number;
}

/** What need not be asked again for a moment. */
interface Refused {
  readonly amount: number;
  readonly until: number;
  readonly retryAt: number;
  readonly standing: Standing;
}

const MAX_KNOWN = 20_000;
/** What is not used by then is lost to whom it was counted for: a thousandth of the quota for a quiet client, a twentieth at most. */
const LEASE_MS = 2_000;
const SMALLEST_SHARE = 1_000;
const LARGEST_SHARE = 20;
const REFUSED_MS = 100;
/** A store that does not answer is not asked by every request. */
const AWAY_MS = 500;

/**
 * Rates that the store counts, and that cost a busy client's requests nothing: whoever comes back soon gets twice as much
 * counted ahead as before, up to a twentieth of the quota, and uses that without asking the store. Never more than the quota is
 * taken, however many gateways there are, since what is counted ahead is counted.
 */
export function createRates(options: RatesOptions): TakeRates {
  const rates = new Rates(options);
  return (charges, isChange) => rates.take(charges, isChange);
}

class Rates {
  readonly #options: RatesOptions;
  readonly #leases = new LRUCache<string, Lease>({ max: MAX_KNOWN });
  readonly #refused = new LRUCache<string, Refused>({ max: MAX_KNOWN });
  /** What the store is being asked for; others who want the same wait for its answer, which may do for them too. */
  readonly #asking = new Map<string, Promise<void>>();
  #awayUntil = 0;

  constructor(options: RatesOptions) {
    this.#options = options;
  }

  take(charges: readonly Charge[], isChange: boolean): Counting {
    return this.#spend(charges, Date.now()) ?? this.#takeLacking(charges, isChange);
  }

  async #takeLacking(charges: readonly Charge[], isChange: boolean): Promise<readonly Standing[]> {
    for (;;) {
      const now = Date.now();
      const known = this.#spend(charges, now);
      if (known) return known;
      const lacking = charges.filter((charge) => this.#leaseOf(charge, now) === null);
      const asked = lacking.map((charge) => this.#asking.get(keyOf(charge))).find((each) => each !== undefined);
      if (asked) {
        await asked;
        continue;
      }
      const held = charges.filter((charge) => !lacking.includes(charge));
      const taken = this.#spend(held, now) ?? [];
      try {
        return [...taken, ...(await this.#ask(lacking, now))];
      } catch (error) {
        this.#giveBack(held);
        if (error instanceof RateLimited) throw error;
        return this.#withoutStore(isChange);
      }
    }
  }

  /** What of a lease does for a charge. */
  #leaseOf(charge: Charge, now: number): Lease | null {
    const lease = this.#leases.get(keyOf(charge));
    return lease && lease.left >= charge.amount && now <= lease.from + LEASE_MS ? lease : null;
  }

  /** All charges out of what was counted ahead, or none of them. Most requests come no further: nothing is waited for here. */
  #spend(charges: readonly Charge[], now: number): readonly Standing[] | null {
    const uses: { readonly charge: Charge; readonly lease: Lease }[] = [];
    for (const charge of charges) {
      const lease = this.#leaseOf(charge, now);
      if (!lease) return null;
      uses.push({ charge, lease });
    }
    return uses.map(({ charge: { policy, amount }, lease }) => {
      lease.left -= amount;
      return { policy, remaining: lease.room + lease.left, resetMs: lease.resetAt - now };
    });
  }

  #giveBack(charges: readonly Charge[]): void {
    for (const charge of charges) {
      const lease = this.#leases.get(keyOf(charge));
      if (lease) lease.left += charge.amount;
    }
  }

  async #ask(charges: readonly Charge[], now: number): Promise<readonly Standing[]> {
    this.#verifyNotRefused(charges, now);
    if (now < this.#awayUntil) throw new Error('The store of rates did not answer a moment ago.');
    const answered = Promise.withResolvers<void>();
    for (const charge of charges) this.#asking.set(keyOf(charge), answered.promise);
    try {
      return await this.#count(charges.map((charge) => this.#wishOf(charge, now)));
    } catch (error) {
      if (!(error instanceof RateLimited)) {
        this.#awayUntil = Date.now() + AWAY_MS;
        this.#options.report(error);
      }
      throw error;
    } finally {
      for (const charge of charges) this.#asking.delete(keyOf(charge));
      answered.resolve();
    }
  }

  async #count(wishes: readonly Wish[]): Promise<readonly Standing[]> {
    const { refused, counted } = await this.#options.windows.count(wishes);
    const now = Date.now();
    const [wish, found] = refused === null ? [] : [wishes[refused], counted[refused]];
    if (!wish || !found) return wishes.map((each, i) => this.#keep(each, counted[i] ?? NOTHING, now));
    const { policy, amount } = wish;
    const standing = { policy, remaining: found.room, resetMs: found.resetMs };
    const until = now + Math.min(found.retryMs, REFUSED_MS);
    this.#refused.set(keyOf(wish), { amount, until, retryAt: now + found.retryMs, standing });
    throw new RateLimited(standing, found.retryMs);
  }

  #verifyNotRefused(charges: readonly Charge[], now: number): void {
    for (const charge of charges) {
      const known = this.#refused.get(keyOf(charge));
      if (known && now < known.until && charge.amount >= known.amount)
        throw new RateLimited(known.standing, known.retryAt - now);
    }
  }

  #wishOf(charge: Charge, now: number): Wish {
    const { amount, policy } = charge;
    const lease = this.#leases.get(keyOf(charge));
    const isBack = lease !== undefined && now <= lease.from + LEASE_MS;
    const ahead = isBack ? 2 * Math.max(lease.size, amount) : policy.quota / SMALLEST_SHARE;
    return { ...charge, wish: Math.max(amount, Math.floor(Math.min(ahead, policy.quota / LARGEST_SHARE))) };
  }

  #keep(wish: Wish, { granted, room, resetMs }: Counted, now: number): Standing {
    const { policy, amount } = wish;
    const lease = this.#leases.get(keyOf(wish));
    const before = lease && now <= lease.from + LEASE_MS ? lease.left : 0;
    const left = before + granted - amount;
    this.#leases.set(keyOf(wish), { size: granted, from: now, room, resetAt: now + resetMs, left });
    return { policy, remaining: room + left, resetMs };
  }

  #withoutStore(isChange: boolean): readonly Standing[] {
    if (!isChange && this.#options.whenAway === 'open') return [];
    throw failure('UPSTREAM_UNAVAILABLE', 'It cannot be told how much was asked for. Try again.');
  }
}

const NOTHING: Counted = { granted: 0, room: 0, resetMs: 0, retryMs: 0 };

function keyOf({ policy, who }: Charge): string {
  return `${policy.name}:${who}`;
}
