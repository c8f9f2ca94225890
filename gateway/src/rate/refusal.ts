import { Failure } from '@assay/failure';
import { type Policy, rateHeaders, type Standing, seconds } from './policy.ts';

const WHAT: Readonly<Record<Policy['name'], string>> = {
  principal: 'operations of one account',
  address: 'requests of one address',
  cost: 'points of estimated cost',
};

/** The refusal of whoever asks for too much; it says what is too much, and when to try again. */
export class RateLimited extends Failure {
  readonly limit: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly standing: Standing;
  readonly retryAfterS: number;

  constructor(standing: Standing, retryMs: number) {
    const { name, quota, windowMs } = standing.policy;
    const retryAfterS = Math.max(seconds(retryMs), 1);
    super(
      'RATE_LIMITED',
      `At most ${quota} ${WHAT[name]} are taken in ${windowMs / 1_000} seconds. Try again in ${retryAfterS} s.`,
    );
    this.standing = standing;
    this.retryAfterS = retryAfterS;
    this.limit = { name: `rate.${name}`, maximum: quota, windowS: windowMs / 1_000, retryAfterS };
    // RFC 9110, 10.2.3: the delay in seconds.
    this.headers = { 'retry-after': String(retryAfterS), ...rateHeaders([standing]) };
  }
}
