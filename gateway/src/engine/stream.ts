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
