import type { Scanner } from '../intake/ports.ts';

/** Watches that what is told of the bytes is told of all of them. */
export interface WholeRead {
  /** Opens the object and hands its chunks on; remembers when it cannot be opened, and when the chunks end before it does. */
  watch(open: () => Promise<AsyncIterable<Uint8Array>>): AsyncIterable<Uint8Array>;
  /** @throws what the store threw, when the last read broke off: nothing may be concluded from the part that came */
  verify(): void;
}

/** A store that goes away in the middle of an object leaves a digest and a size that are nobody's. */
export function watchWholeRead(): WholeRead {
  let failure: { readonly cause: unknown } | null = null;
  return {
    watch: async function* (open) {
      failure = { cause: new Error('The object was not read to its end.') };
      try {
        for await (const chunk of await open()) yield chunk;
        failure = null;
      } catch (cause) {
        failure = { cause };
        throw cause;
      }
    },
    verify: () => {
      if (failure) throw failure.cause;
    },
  };
}

/** A scanner that hangs up has not seen the rest, and whoever reads on shall: it cannot end the chunks for others. */
export function hangingUpAlone(scanner: Scanner): Scanner {
  return {
    scan: (chunks) => {
      const iterator = chunks[Symbol.asyncIterator]();
      return scanner.scan({ [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) });
    },
  };
}
