import type { SessionFacts } from '@assay/identity';
import { LRUCache } from 'lru-cache';

/** So long a change of roles or the end of a session may go unnoticed when every hint was lost. */
const MAX_AGE_MS = 5_000;
const MAX_ENTRIES = 20_000;

interface Entry {
  readonly asked: Promise<SessionFacts | null>;
  readonly at: number;
  facts: SessionFacts | null;
}

/** Whom a credential stands for, kept for seconds; simultaneous requests with one credential ask once. */
export interface FactsCache {
  of(credential: string, ask: () => Promise<SessionFacts | null>): Promise<SessionFacts | null>;
  /** Forgets whatever belongs to a session, and every question that is still open. */
  drop(sessionId: string): void;
}

/** Nothing is kept of a credential that did not hold. */
export function createFactsCache(now: () => number = Date.now): FactsCache {
  const entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  return {
    of: async (credential, ask) => {
      const known = entries.get(credential);
      // The age counts from the question: an answer may be old when it comes.
      if (known && now() - known.at < MAX_AGE_MS) return known.asked;
      const entry: Entry = { asked: ask(), at: now(), facts: null };
      entries.set(credential, entry);
      const forget = () => entries.get(credential) === entry && entries.delete(credential);
      try {
        entry.facts = await entry.asked;
        if (entry.facts === null) forget();
      } catch (error) {
        forget();
        throw error;
      }
      return entry.facts;
    },
    drop: (sessionId) => {
      for (const [credential, { facts }] of entries.entries()) {
        if (facts === null || facts.sessionId === sessionId) entries.delete(credential);
      }
    },
  };
}
