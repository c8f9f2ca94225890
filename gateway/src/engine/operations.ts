import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { CompiledOperation, Operation } from './operation.ts';
import { countFields } from './operation-size.ts';

/** Operations that were prepared, by document and name. */
export type Operations = (document: DocumentNode, operationName: string | undefined) => Operation;

/**
 * Documents that are kept by whoever parses them, and operations that are kept here: of documents of one operation, as most are,
 * what one of the two has forgotten nobody asks the other for, since a text that is parsed again is another document.
 */
export const MAX_DOCUMENTS = 1_000;

/** What is kept of all operations together, estimated; what is larger alone is not kept. */
export const MAX_OPERATION_BYTES = 128 * 1024 * 1024;
/** Measured: what is compiled for a field, planned, projected and laid out, takes 1,300 to 1,750 bytes of heap. */
const BYTES_PER_FIELD = 2_000;
const LEAST_BYTES = 4_000;
/** An operation holds the document that it stands in, tokens and all. */
const BYTES_PER_TOKEN = 400;

/** One operation that is kept. */
interface Kept {
  readonly operation: Operation;
  /** Lets it be found no longer. */
  forget(): void;
}

/**
 * Keeps what `prepare` made of the operations last used, never more than so much of it: a document may hold many, and each is
 * compiled anew for the conditions and rights that it meets. A document counts by identity: parse the same text once.
 */
export function createOperations(prepare: Operations, maxBytes = MAX_OPERATION_BYTES): Operations {
  const known = new WeakMap<DocumentNode, Map<string | undefined, Kept>>();
  /** How large each is by now. */
  const sizes = new LRUCache<Kept, number>({
    max: MAX_DOCUMENTS,
    maxSize: maxBytes,
    sizeCalculation: (bytes) => bytes,
    dispose: (_bytes, kept) => kept.forget(),
    noDisposeOnSet: true,
  });
  const keep = (document: DocumentNode, name: string | undefined): Operation => {
    const prepared = prepare(document, name);
    const perUse = LEAST_BYTES + countFields(document, prepared.definition) * BYTES_PER_FIELD;
    const grow = () => {
      const bytes = sizes.peek(kept);
      if (bytes !== undefined) sizes.set(kept, bytes + perUse);
    };
    const byName = known.get(document) ?? new Map<string | undefined, Kept>();
    const kept: Kept = { operation: growing(prepared, grow), forget: () => void byName.delete(name) };
    known.set(document, byName.set(name, kept));
    sizes.set(kept, LEAST_BYTES + (document.tokenCount ?? 0) * BYTES_PER_TOKEN);
    return kept.operation;
  };
  return (document, operationName) => {
    const found = known.get(document)?.get(operationName);
    if (!found) return keep(document, operationName);
    sizes.get(found);
    return found.operation;
  };
}

/** An operation that tells when it was compiled once more. */
function growing(operation: Operation, grew: () => void): Operation {
  const seen = new WeakSet<CompiledOperation>();
  return {
    ...operation,
    compiled: (...asked) => {
      const compiled = operation.compiled(...asked);
      if (!seen.has(compiled)) {
        seen.add(compiled);
        grew();
      }
      return compiled;
    },
  };
}
