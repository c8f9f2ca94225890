import { describe, expect, it } from 'vitest';
import { hangingUpAlone, watchWholeRead } from './whole-read.ts';

async function* bytes(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < count; sent += 1) yield new Uint8Array([sent]);
  if (failure) throw failure;
}

const drain = async (chunks: AsyncIterable<Uint8Array>) => {
  let count = 0;
  for await (const chunk of chunks) count += chunk.length;
  return count;
};

describe('a read', () => {
  it('that came to its end is whole', async () => {
    const reading = watchWholeRead();
    expect(await drain(reading.watch(async () => bytes(3)))).toBe(3);
    expect(() => reading.verify()).not.toThrow();
  });

  it('of a store that goes away, before or in the middle, is not, and the next one may be', async () => {
    const reading = watchWholeRead();
    const away = new Error('away');
    await expect(drain(reading.watch(async () => bytes(2, away)))).rejects.toBe(away);
    expect(() => reading.verify()).toThrow(away);
    await expect(drain(reading.watch(() => Promise.reject(away)))).rejects.toBe(away);
    expect(() => reading.verify()).toThrow(away);
    await drain(reading.watch(async () => bytes(2)));
    expect(() => reading.verify()).not.toThrow();
  });

  it('that somebody left is not whole', async () => {
    const reading = watchWholeRead();
    for await (const _chunk of reading.watch(async () => bytes(3))) break;
    expect(() => reading.verify()).toThrow('not read to its end');
  });

  it('goes on for others when a scanner hangs up', async () => {
    const scanner = hangingUpAlone({
      scan: async (chunks) => {
        for await (const _chunk of chunks) break;
        throw new Error('hung up');
      },
    });
    const chunks = bytes(5);
    await expect(scanner.scan(chunks)).rejects.toThrow('hung up');
    expect(await drain(chunks)).toBe(4);
  });
});
