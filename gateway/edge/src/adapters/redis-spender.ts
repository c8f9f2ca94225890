import { LEASE_TTL_MS } from '@assay/licensing/grants/grant';
import { grantKey, leaseKey, REDEMPTIONS } from '@assay/licensing/grants/places';
import type { Redemption } from '../ledger.ts';
import { createScript, type RedisConnection } from './redis-connection.ts';
import { SPEND } from './scripts.ts';

/** Redis does nothing else meanwhile: at some ten microseconds a redemption this keeps the others waiting for less than a millisecond. */
const MOST_AT_ONCE = 32;

interface Batch {
  readonly keys: string[];
  readonly args: (string | number)[];
  readonly waiting: PromiseWithResolvers<string | null>[];
}

/**
 * Spends grants, those that arrive in the same turn of the event loop by one call: a command, a write to the disk and an
 * answer cost the same for one as for many. Alone, a redemption waits for nobody.
 */
export function createSpender({ redis, boot }: RedisConnection): (redemption: Redemption) => Promise<string | null> {
  const script = createScript(redis, SPEND);
  let batch: Batch | undefined;

  const flush = async ({ keys, args, waiting }: Batch) => {
    try {
      const answers = await script([REDEMPTIONS, ...keys], [boot(), LEASE_TTL_MS, ...args]);
      if (!Array.isArray(answers)) throw new TypeError('Redis did not answer as the script does.');
      for (const [index, { resolve }] of waiting.entries())
        resolve(typeof answers[index] === 'string' ? answers[index] : null);
    } catch (cause) {
      for (const { reject } of waiting) reject(cause);
    }
  };
  const begin = () => {
    const begun: Batch = { keys: [], args: [], waiting: [] };
    batch = begun;
    setImmediate(() => {
      if (batch === begun) batch = undefined;
      void flush(begun);
    });
    return begun;
  };
  return ({ grantId, leaseId, address, requestId }) => {
    const current = batch ?? begin();
    current.keys.push(grantKey(grantId), leaseKey(leaseId));
    current.args.push(address, requestId);
    const answer = Promise.withResolvers<string | null>();
    current.waiting.push(answer);
    if (current.waiting.length === MOST_AT_ONCE) batch = undefined;
    return answer.promise;
  };
}
