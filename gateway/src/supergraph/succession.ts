import { failure } from '@assay/failure';
import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Engine } from '../engine/index.ts';
import type { FindDocument } from '../persisted/find.ts';

/** What one supergraph is served with. */
export interface Generation<Context> extends AsyncDisposable {
  readonly engine: Engine<Context>;
  readonly findDocument: FindDocument;
}

/** What serves now, and what took its place. */
export interface Succession<Context, Now extends Generation<Context>> extends AsyncDisposable {
  now(): Now;
  /** From now on the next one is asked; what was begun with the last one ends with it. */
  succeed(next: Now): void;
  /** Finds a document with what serves now, and runs it with that, whatever serves by then. */
  readonly findDocument: FindDocument;
  readonly engine: Engine<Context>;
}

export interface SuccessionOptions {
  /** How long a request may last that was begun with the last one. */
  readonly deadlineMs: number;
  /** Streams are told within so long: thousands that come back at once would be a crowd. */
  readonly spreadMs?: number;
}

const SPREAD_MS = 2_000;

/**
 * Hands over from one supergraph to the next while requests are under way. A request finishes with the one that it began with; a
 * stream is told to subscribe again, which it does with its last cursor.
 */
export function createSuccession<Context, Now extends Generation<Context>>(
  first: Now,
  { deadlineMs, spreadMs = SPREAD_MS }: SuccessionOptions,
): Succession<Context, Now> {
  let now = { generation: first, replaced: new AbortController() };
  const owners = new WeakMap<DocumentNode, typeof now>();
  const leaving = new Map<Now, NodeJS.Timeout>();
  const ownerOf = (document: DocumentNode) => owners.get(document) ?? now;

  return {
    now: () => now.generation,
    succeed: (generation) => {
      const last = now;
      now = { generation, replaced: new AbortController() };
      last.replaced.abort();
      const end = () => {
        leaving.delete(last.generation);
        void last.generation[Symbol.asyncDispose]();
      };
      leaving.set(last.generation, setTimeout(end, deadlineMs).unref());
    },
    findDocument: async (params) => {
      const owner = now;
      const found = await owner.generation.findDocument(params);
      if ('document' in found) owners.set(found.document, owner);
      return found;
    },
    engine: {
      get schema() {
        return now.generation.engine.schema;
      },
      execute: (request) => ownerOf(request.document).generation.engine.execute(request),
      subscribe: async (request) => {
        const { generation, replaced } = ownerOf(request.document);
        const opened = await generation.engine.subscribe(request);
        return Symbol.asyncIterator in opened ? untilReplaced(opened, replaced.signal, spreadMs) : opened;
      },
      verifyPlans: (document) => now.generation.engine.verifyPlans(document),
    },
    [Symbol.asyncDispose]: async () => {
      for (const timer of leaving.values()) clearTimeout(timer);
      await Promise.all([now.generation, ...leaving.keys()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

/** @throws (from `next`) Failure UPSTREAM_UNAVAILABLE once it is replaced */
function untilReplaced(
  stream: AsyncIterableIterator<ExecutionResult>,
  replaced: AbortSignal,
  spreadMs: number,
): AsyncIterableIterator<ExecutionResult> {
  let isOver = false;
  let interrupt: ((reason: unknown) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    isOver = true;
    interrupt?.(schemaChanged());
  };
  const tell = () => {
    timer = setTimeout(end, Math.random() * spreadMs);
  };
  const forget = () => {
    clearTimeout(timer);
    replaced.removeEventListener('abort', tell);
  };
  if (replaced.aborted) tell();
  else replaced.addEventListener('abort', tell, { once: true });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (isOver) throw schemaChanged();
      const step = await new Promise<IteratorResult<ExecutionResult>>((resolve, reject) => {
        interrupt = reject;
        stream.next().then(resolve, reject);
      });
      if (step.done) forget();
      return step;
    },
    return: async () => {
      forget();
      await stream.return?.();
      return { done: true, value: undefined };
    },
  };
}

function schemaChanged() {
  return failure('UPSTREAM_UNAVAILABLE', 'The schema has changed. Subscribe again with the last cursor.');
}
