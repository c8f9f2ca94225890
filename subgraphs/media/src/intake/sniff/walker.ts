/** Walks the structure of one file format as the bytes come by, without decoding anything and without keeping them. */
export interface Walker {
  take(chunk: Uint8Array): void;
  /** Bytes behind the format's own end. */
  readonly trailing: number;
  /** Whether the format's own end was reached, and everything before it was in order. */
  readonly complete: boolean;
}

/** What a format's walker does next: skip some bytes, or have exactly some bytes and then look at them. */
export type Step =
  | { readonly skip: number }
  | { readonly need: number; readonly then: (bytes: Buffer) => Step }
  /** Search for a byte; what lies before it is of no interest. */
  | { readonly find: number; readonly then: () => Step }
  | 'end'
  | 'broken';

/**
 * Runs steps over chunks of any size. `next` gives the step after a skip.
 *
 * @param first the first step
 * @param next asked whenever a skip is over
 */
export function createWalker(first: Step, next: () => Step): Walker {
  let step = first;
  let pending = Buffer.alloc(0);
  let trailing = 0;

  const advance = (chunk: Buffer): Buffer => {
    if (step === 'end' || step === 'broken') {
      if (step === 'end') trailing += chunk.length;
      return Buffer.alloc(0);
    }
    if ('skip' in step) {
      const skipped = Math.min(step.skip, chunk.length);
      step = skipped === step.skip ? next() : { skip: step.skip - skipped };
      return chunk.subarray(skipped);
    }
    if ('find' in step) {
      const at = chunk.indexOf(step.find);
      if (at === -1) return Buffer.alloc(0);
      step = step.then();
      return chunk.subarray(at + 1);
    }
    const missing = step.need - pending.length;
    pending = Buffer.concat([pending, chunk.subarray(0, missing)]);
    if (pending.length === step.need) {
      const bytes = pending;
      pending = Buffer.alloc(0);
      step = step.then(bytes);
    }
    return chunk.subarray(missing);
  };

  return {
    take: (chunk) => {
      let rest: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      while (rest.length > 0) rest = advance(rest);
    },
    get trailing() {
      return trailing;
    },
    get complete() {
      return step === 'end';
    },
  };
}
