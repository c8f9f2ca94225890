import type { EventRecord } from './read-events.ts';

/** Reads that are under way, by what they read and for whom. */
export type SharedReads = (key: string, read: () => Promise<readonly EventRecord[]>) => Promise<readonly EventRecord[]>;

/**
 * Streams of one session that stand at the same event read it once: a wake-up of two hundred is one look at the database.
 * The key holds everything that decides what is seen, so nothing is shared between two people.
 */
export function createSharedReads(): SharedReads {
  const underWay = new Map<string, Promise<readonly EventRecord[]>>();
  return (key, read) => {
    const known = underWay.get(key);
    if (known) return known;
    const begun = read().finally(() => underWay.delete(key));
    underWay.set(key, begun);
    return begun;
  };
}
