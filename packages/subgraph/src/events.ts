import { failure } from '@assay/failure';
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { endAway, isAway } from './errors.ts';
import type { SubgraphEvent } from './handler.ts';

/**
 * A subscription that goes on behind an event, whatever its document says of where to begin.
 *
 * @throws Failure BAD_USER_INPUT for one that cannot be resumed: its field takes no `after`
 */
export function resumedAt(
  place: string,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): DocumentNode {
  const fields = schema.getSubscriptionType()?.getFields();
  const after = { kind: Kind.NAME, value: 'after' } as const;
  const value = { kind: Kind.STRING, value: place } as const;
  const selections = operation.selectionSet.selections.map((field) => {
    if (field.kind !== Kind.FIELD || !fields?.[field.name.value]?.args.some(({ name }) => name === after.value))
      throw failure('BAD_USER_INPUT', 'This subscription cannot be resumed.');
    const others = (field.arguments ?? []).filter(({ name }) => name.value !== after.value);
    return { ...field, arguments: [...others, { kind: Kind.ARGUMENT, name: after, value } as const] };
  });
  const resumed = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  return { ...document, definitions: document.definitions.map((each) => (each === operation ? resumed : each)) };
}

/**
 * Maps events to results. Written as an iterator and not as a generator, since a generator's `return` would wait for the
 * event that may never come, and the source with its listeners would stay.
 *
 * @param each gets a signal too, which ends when the reader leaves
 * @throws (from `next`) Failure UPSTREAM_UNAVAILABLE when what the source reads from is away: whoever reads goes on behind the last event
 */
export function eachEvent(
  source: AsyncIterable<unknown>,
  each: (event: unknown, signal: AbortSignal) => Promise<ExecutionResult>,
  end: () => Promise<void>,
  failed: (error: unknown) => ExecutionResult,
): AsyncIterableIterator<SubgraphEvent> {
  const events = source[Symbol.asyncIterator]();
  const leaving = new AbortController();
  let over = false;
  const finish = async (): Promise<IteratorReturnResult<undefined>> => {
    if (!over) {
      over = true;
      leaving.abort();
      await events.return?.();
      await end();
    }
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (over) return { done: true, value: undefined };
      try {
        const event = await events.next();
        if (event.done) return await finish();
        const result = await each(event.value, leaving.signal);
        const place = placeOf(event.value);
        return { done: false, value: place === undefined ? result : { ...result, place } };
      } catch (error) {
        await finish();
        const last = failed(error);
        // A result, and the end after it, would say that all is told.
        if (isAway(error)) throw endAway(error);
        return { done: false, value: last };
      }
    },
    return: finish,
  };
}

/** Whatever is streamed with a cursor can be gone on with behind it. */
function placeOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('cursor' in event)) return undefined;
  return typeof event.cursor === 'string' ? event.cursor : undefined;
}
