import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Operation } from './operation.ts';

/** Operations that were prepared, by document and name. */
export type Operations = (document: DocumentNode, operationName: string | undefined) => Operation;

/**
 * Documents that are kept, here and by whoever parses them: what one of the two has forgotten nobody asks the other for, since a text
 * that is parsed again is another document.
 */
export const MAX_DOCUMENTS = 1_000;

/** Keeps what `prepare` made of the documents last used. A document counts by identity: parse the same text once. */
export function createOperations(prepare: Operations): Operations {
  const known = new LRUCache<DocumentNode, Map<string | undefined, Operation>>({ max: MAX_DOCUMENTS });
  return (document, operationName) => {
    const found = known.get(document)?.get(operationName);
    if (found) return found;
    const made = prepare(document, operationName);
    const byName = known.get(document) ?? new Map<string | undefined, Operation>();
    byName.set(operationName, made);
    known.set(document, byName);
    return made;
  };
}
