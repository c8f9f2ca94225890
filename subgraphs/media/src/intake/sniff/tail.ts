/** Keeps the last bytes of a stream, however small its chunks are: they gather in twice the space and move down when it is full. */
export interface Tail {
  take(chunk: Uint8Array): void;
  bytes(): Buffer;
}

/** @param size how many bytes to keep */
export function createTail(size: number): Tail {
  const space = Buffer.alloc(2 * size);
  let used = 0;
  return {
    take: (chunk) => {
      const last = chunk.length > size ? chunk.subarray(-size) : chunk;
      if (used + last.length > space.length) {
        space.copyWithin(0, Math.max(0, used - size), used);
        used = Math.min(used, size);
      }
      space.set(last, used);
      used += last.length;
    },
    bytes: () => space.subarray(Math.max(0, used - size), used),
  };
}
