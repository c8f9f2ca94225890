import type { ExecutionResult } from 'graphql';
import type { Fetching } from './fetch.ts';
import { transportOf } from './fetch.ts';
import type { FetchNode } from './planner.ts';
import type { StreamEvent } from './transport.ts';

/**
 * Opens the stream at a subscription's root (GraphQL, section 6.2.3): from the one subgraph that has the field.
 *
 * @param variables the client's, of which the stream gets those that it uses
 * @returns the stream, or the subgraph's refusal
 */
export async function openStream<Context>(
  { serviceName, operation: query, variableUsages }: FetchNode,
  variables: Readonly<Record<string, unknown>>,
  { transports, operation, context, signal }: Fetching<Context>,
): Promise<AsyncIterable<StreamEvent> | ExecutionResult> {
  const used = Object.fromEntries(
    variableUsages.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  );
  const transport = transportOf(transports, serviceName);
  return transport.subscribe({ query, variables: used, operation, context, signal });
}

/**
 * Maps a stream. Written as an iterator and not as a generator: a generator's `return` waits for the event that may never come,
 * and the source would stay open behind a client that left.
 */
export function mapStream<In, Out>(
  source: AsyncIterable<In>,
  map: (event: In) => Promise<Out>,
): AsyncIterableIterator<Out> {
  const events = source[Symbol.asyncIterator]();
  const finish = async (): Promise<IteratorReturnResult<undefined>> => {
    await events.return?.();
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      const event = await events.next();
      return event.done ? { done: true, value: undefined } : { done: false, value: await map(event.value) };
    },
    return: finish,
    throw: finish,
  };
}
