import { LEASE_TTL_MS } from '@assay/licensing/grants/grant';
import { grantKey, leaseKey, REDEMPTIONS } from '@assay/licensing/grants/places';
import type { Redemption } from '../ledger.ts';
import { createScript, type RedisConnection } from './redis-connection.ts';
import { SPEND } from './scripts.ts';

/** Redis does nothing else meanwhile: at some ten microseconds a redemption this keeps the others waiting for a quarter of a millisecond. */
const MOST_AT_ONCE = 16;
/** Calls under way; what arrives meanwhile goes together with the next, so that each write to the disk serves many. */
const MOST_UNDER_WAY = 3;

interface Batch {
  readonly keys: string[];
  readonly args: (string | number)[];
  /** Of the same length as there are redemptions; sent only where somebody looks on. */
  readonly traces: string[];
  readonly waiting: PromiseWithResolvers<string | null>[];
}

/**
 * Spends grants, several by one call: a command, a write to the disk and an answer cost the same for one as for many (group
 * commit). A redemption that comes alone waits for nobody; one that comes while Redis is busy goes with those after it.
 */
export function createSpender({ redis, boot }: RedisConnection): (redemption: Redemption) => Promise<string | null> {
  const script = createScript(redis, SPEND);
  const full: Batch[] = [];
  let filling: Batch | undefined;
  let underWay = 0;

  const call = async ({ keys, args, traces, waiting }: Batch) => {
    try {
      const seen = traces.some(Boolean) ? traces : [];
      const answers = await script([REDEMPTIONS, ...keys], [boot(), LEASE_TTL_MS, ...args, ...seen]);
      if (!Array.isArray(answers)) throw new TypeError('Redis did not answer as the script does.');
      for (const [index, { resolve }] of waiting.entries())
        resolve(typeof answers[index] === 'string' ? answers[index] : null);
    } catch (cause) {
      // Whoever waits for the same Redis hears it now: nobody sits through two of its silences.
      const others = [...full.splice(0), ...(filling ? [filling] : [])];
      filling = undefined;
      for (const { reject } of [...waiting, ...others.flatMap((batch) => batch.waiting)]) reject(cause);
    }
  };
  const callNext = () => {
    if (underWay === MOST_UNDER_WAY) return;
    const next = full.shift() ?? filling;
    if (next === undefined) return;
    if (next === filling) filling = undefined;
    underWay++;
    void call(next).finally(() => {
      underWay--;
      callNext();
    });
  };
  const begin = () => {
    // What else arrives in this turn of the event loop comes along.
    setImmediate(callNext);
    filling = { keys: [], args: [], traces: [], waiting: [] };
    return filling;
  };
  return ({ grantId, leaseId, address, requestId, trace = '' }) => {
    const batch = filling ?? begin();
    batch.keys.push(grantKey(grantId), leaseKey(leaseId));
    batch.args.push(address, requestId);
    batch.traces.push(trace);
    const answer = Promise.withResolvers<string | null>();
    batch.waiting.push(answer);
    if (batch.waiting.length === MOST_AT_ONCE) {
      full.push(batch);
      filling = undefined;
    }
    return answer.promise;
  };
}
