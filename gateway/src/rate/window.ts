import type { Redis, Result } from 'ioredis';
import type { Charge } from './policy.ts';

/** How one charge stands in the store. */
export interface Counted {
  /** Of what was wished for. */
  readonly granted: number;
  /** What is left beside that. */
  readonly room: number;
  readonly resetMs: number;
  /** Until the amount would be granted, if nobody asks for more; Infinity: it is more than all of the quota. */
  readonly retryMs: number;
}

/** A charge, and how much more may be counted along with it. */
export interface Wish extends Charge {
  readonly wish: number;
}

/** Counts charges, all or none. */
export interface Windows {
  /** @returns which charge is refused (null: none) and how each stands; @throws when the store does not answer */
  count(wishes: readonly Wish[]): Promise<{ readonly refused: number | null; readonly counted: readonly Counted[] }>;
}

/**
 * A sliding window of two counters: what was counted in the window before, by how much of it is still within reach, and what was
 * counted in this one. It needs no list of requests, and errs by what a burst at a window's edge differs from an even flow.
 * All charges of a request are looked at, then counted, in this one script: nobody comes between.
 */
const COUNT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local refused, states, answer = 0, {}, {}
for i, key in ipairs(KEYS) do
  local quota, window, need, wish = tonumber(ARGV[i * 4 - 3]), tonumber(ARGV[i * 4 - 2]), tonumber(ARGV[i * 4 - 1]), tonumber(ARGV[i * 4])
  local index = math.floor(now / window)
  local known = redis.call('HMGET', key, 'at', 'current', 'before')
  local at, current, before = tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(known[3] or 0)
  if at == index - 1 then before, current = current, 0 elseif at ~= index then before, current = 0, 0 end
  local elapsed = now - index * window
  local room = math.floor(quota - current - before * (1 - elapsed / window))
  if room < need and refused == 0 then refused = i end
  states[i] = { index = index, current = current, before = before, room = room, elapsed = elapsed, window = window, wish = wish }
end
answer[1] = refused
for i, key in ipairs(KEYS) do
  local s = states[i]
  local granted = 0
  if refused == 0 then
    granted = math.min(s.wish, s.room)
    redis.call('HSET', key, 'at', s.index, 'current', s.current + granted, 'before', s.before)
    redis.call('PEXPIRE', key, s.window * 2)
  end
  for _, figure in ipairs({ granted, math.max(s.room - granted, 0), s.elapsed, s.current, s.before }) do
    answer[#answer + 1] = figure
  end
end
return answer`;

const FIGURES = 5;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countRates(numberOfKeys: number, ...args: (string | number)[]): Result<number[], Context>;
  }
}

/** Windows in Redis, by its own clock: several gateways count together. */
export function createRedisWindows(redis: Redis): Windows {
  redis.defineCommand('countRates', { lua: COUNT });
  return {
    count: async (wishes) => {
      const keys = wishes.map(({ policy, who }) => `rate:${policy.name}:${who}`);
      const figures = wishes.flatMap(({ policy, amount, wish }) => [policy.quota, policy.windowMs, amount, wish]);
      const [refused = 0, ...rest] = await redis.countRates(keys.length, ...keys, ...figures);
      const counted = wishes.map((wish, i) => countedOf(wish, rest.slice(i * FIGURES, (i + 1) * FIGURES)));
      return { refused: refused === 0 ? null : refused - 1, counted };
    },
  };
}

function countedOf({ policy, amount }: Wish, figures: readonly number[]): Counted {
  const [granted = 0, room = 0, elapsed = 0, current = 0, before = 0] = figures;
  const { quota, windowMs } = policy;
  return {
    granted,
    room,
    resetMs: windowMs - elapsed,
    retryMs: retryAfter({ quota, windowMs, elapsed, current, before, amount }),
  };
}

interface Window {
  readonly quota: number;
  readonly windowMs: number;
  readonly elapsed: number;
  readonly current: number;
  readonly before: number;
  readonly amount: number;
}

/** When enough of what was counted is out of reach: still in this window, by what came before it, in the next, or never. */
export function retryAfter({ quota, windowMs, elapsed, current, before, amount }: Window): number {
  const allowed = quota - amount;
  if (allowed < 0) return Number.POSITIVE_INFINITY;
  if (current <= allowed) return Math.max(leaves(before, allowed - current, windowMs) - elapsed, 0);
  return windowMs - elapsed + leaves(current, allowed, windowMs);
}

/** How far into a window no more than `allowed` of what was counted before it is within reach. */
function leaves(before: number, allowed: number, windowMs: number): number {
  return before <= allowed ? 0 : Math.ceil(windowMs * (1 - allowed / before));
}
