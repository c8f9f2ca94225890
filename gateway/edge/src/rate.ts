/** Counts requests by source: true while the source is within its rate. */
export type Rate = (source: string, nowMs: number) => boolean;

/** More sources than this at once, and the quietest are forgotten. */
const MOST_SOURCES = 50_000;

/**
 * The generic cell rate algorithm (a leaky bucket of one number a source): up to `perSecond` requests a second,
 * and up to a second's worth of them at once.
 */
export function createRate(perSecond: number): Rate {
  const emissionMs = 1_000 / perSecond;
  const arrivals = new Map<string, number>();
  return (source, nowMs) => {
    const due = Math.max(arrivals.get(source) ?? 0, nowMs) + emissionMs;
    if (due - nowMs > 1_000 + emissionMs) return false;
    arrivals.set(source, due);
    if (arrivals.size > MOST_SOURCES) forget(arrivals, nowMs);
    return true;
  };
}

function forget(arrivals: Map<string, number>, nowMs: number): void {
  for (const [source, due] of arrivals) if (due <= nowMs) arrivals.delete(source);
  // A flood from many networks: the oldest go, which lets them begin again.
  for (const source of arrivals.keys()) {
    if (arrivals.size <= MOST_SOURCES / 2) return;
    arrivals.delete(source);
  }
}
