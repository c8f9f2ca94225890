import { Failure } from '@assay/failure';
import { type Policy, rateHeaders, type Standing, seconds } from './policy.ts';

const WHAT: Readonly<Record<Policy['name'], string>> = {
  principal: 'operations of one account',
  address: 'requests of one address',
  cost: 'points of estimated cost',
};

/** The refusal of whoever asks for too much; it says what is too much, and when to try again: never, for what is over the whole quota. */
export class RateLimited extends Failure {
  readonly limit: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly standing: Standing;
  /** Null: it is too much at any time. */
  readonly retryAfterS: number | null;

  /** @param retryMs Infinity for what never fits */
  constructor(standing: Standing, retryMs: number) {
    const { name, quota, windowMs } = standing.policy;
    const retryAfterS = Number.isFinite(retryMs) ? Math.max(seconds(retryMs), 1) : null;
    const again = retryAfterS === null ? 'This is more at once, at any time.' : `Try again in ${retryAfterS} s.`;
    super('RATE_LIMITED', `At most ${quota} ${WHAT[name]} are taken in ${windowMs / 1_000} seconds. ${again}`);
    this.standing = standing;
    this.retryAfterS = retryAfterS;
    const limit = { name: `rate.${name}`, maximum: quota, windowS: windowMs / 1_000 };
    this.limit = retryAfterS === null ? limit : { ...limit, retryAfterS };
    const headers = rateHeaders([standing]);
    // RFC 9110, 10.2.3: the delay in seconds.
    this.headers = retryAfterS === null ? headers : { 'retry-after': String(retryAfterS), ...headers };
  }
}
