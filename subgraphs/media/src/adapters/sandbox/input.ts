/** What comes in: lines, and files in frames. */
export interface Reader {
  /** Up to the next line feed; null at the end. */
  line(): Promise<string | null>;
  /** The bytes between the frames' lengths (4 bytes, big-endian); null when the frame of no length, which says that it is whole, never came. */
  file(): Promise<Buffer | null>;
}

/** Reads bytes as they come, and no further than it is asked to. */
export function createReader(stream: AsyncIterable<Uint8Array>): Reader {
  const chunks = stream[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  const more = async () => {
    const { value, done } = await chunks.next();
    if (!done) rest = rest.length === 0 ? Buffer.from(value) : Buffer.concat([rest, value]);
    return !done;
  };
  const take = (length: number) => {
    const taken = rest.subarray(0, length);
    rest = rest.subarray(length);
    return taken;
  };
  const exactly = async (length: number) => {
    while (rest.length < length) if (!(await more())) return null;
    return take(length);
  };
  return {
    line: async () => {
      while (!rest.includes(0x0a)) if (!(await more())) return null;
      return take(rest.indexOf(0x0a) + 1).toString('utf8');
    },
    file: async () => {
      const parts: Buffer[] = [];
      for (;;) {
        const length = (await exactly(4))?.readUInt32BE(0);
        if (length === undefined) return null;
        if (length === 0) return Buffer.concat(parts);
        const part = await exactly(length);
        if (!part) return null;
        parts.push(part);
      }
    },
  };
}
