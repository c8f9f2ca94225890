import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { asking, type MeshHouse, openCutter, openHouse } from './house.ts';

type Stream = AsyncIterableIterator<ExecutionResult>;

async function open(house: MeshHouse, query: string): Promise<Stream> {
  const opened = await house.transport.subscribe(asking(query));
  if (!(Symbol.asyncIterator in opened)) throw new Error(JSON.stringify(opened));
  return opened[Symbol.asyncIterator]() as Stream;
}

const numberOf = (result: IteratorResult<ExecutionResult>) =>
  (result.value?.data as { chips?: { n: number } } | undefined)?.chips?.n ?? null;

describe('a stream of a subgraph', () => {
  it('arrives in order, and ends its source at once when its reader leaves', async () => {
    await using house = await openHouse();
    const stream = await open(house, 'subscription { chips(until: 3) { n } }');
    expect([await stream.next(), await stream.next(), await stream.next()].map(numberOf)).toEqual([1, 2, 3]);
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await expect.poll(() => house.stones.seen.open).toBe(0);
  });

  it('goes on behind its last event after every cut of its connection: none is lost, none comes twice', async () => {
    await using cutter = await openCutter();
    await using house = await openHouse(60_000, cutter.to);
    const stream = await open(house, 'subscription { chips(until: 2000) { n kilobyte } }');
    const seen: (number | null)[] = [];
    let cuts = 0;
    for (let n = 0; n < 2_000; n += 1) {
      seen.push(numberOf(await stream.next()));
      if (n % 200 === 150) cuts += cutter.cut() > 0 ? 1 : 0;
    }
    expect(seen).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
    expect(cuts).toBeGreaterThan(5);
    expect(house.broken.length).toBeGreaterThan(3);
    await stream.return?.();
    // A connection that was cut without a word is found out by its silence.
    await expect.poll(() => house.stones.seen.open, { timeout: 5_000 }).toBe(0);
  });

  it('outlives its subgraph’s process, where its reader asked for no cursor', async () => {
    await using house = await openHouse();
    const stream = await open(house, 'subscription { chips(after: "10") { n kilobyte } }');
    const seen = [numberOf(await stream.next())];
    await house.stop();
    await house.start();
    // More than any buffer between the two holds.
    while (seen.length < 1_500) seen.push(numberOf(await stream.next()));
    expect(seen).toEqual(seen.map((_, index) => 11 + index));
    expect(house.broken).toHaveLength(1);
    await stream.return?.();
  });

  it('goes on behind its last event when what its subgraph reads from was away for a while', async () => {
    await using house = await openHouse();
    const stream = await open(house, 'subscription { chips { n kilobyte } }');
    const seen = [numberOf(await stream.next())];
    house.stones.isAway = true;
    // Broken off, and refused when it was tried again.
    await Promise.all([
      (async () => {
        while (seen.length < 3_000) seen.push(numberOf(await stream.next()));
      })(),
      expect
        .poll(() => house.stones.seen.refused)
        .toBeGreaterThan(2)
        .then(() => (house.stones.isAway = false)),
    ]);
    expect(seen).toEqual(seen.map((_, index) => 1 + index));
    await stream.return?.();
  });

  it('is none when a question is asked for as one', async () => {
    await using house = await openHouse();
    expect(await house.transport.subscribe(asking('{ who }'))).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('outlives its certificate', async () => {
    await using house = await openHouse(2_000);
    const stream = await open(house, 'subscription { chips(until: 1) { n } }');
    expect(numberOf(await stream.next())).toBe(1);
    void stream.next();
    await house.give('stones', 'server', 60_000);
    await house.give('gateway', 'client', 60_000);
    await expect.poll(() => house.broken.length, { timeout: 6_000 }).toBe(1);
    await expect.poll(() => house.stones.seen.open, { timeout: 6_000 }).toBe(1);
    await stream.return?.();
    await expect.poll(() => house.stones.seen.open).toBe(0);
  });

  it('ends with the refusal when its rights were lost meanwhile', async () => {
    await using house = await openHouse();
    const stream = await open(house, 'subscription { chips(until: 1) { n } }');
    expect(numberOf(await stream.next())).toBe(1);
    house.stones.rights = false;
    await house.stop();
    await house.start();
    expect(await stream.next()).toMatchObject({ value: { errors: [{ extensions: { code: 'INTERNAL' } }] } });
    expect((await stream.next()).done).toBe(true);
  });

  it('that has no cursor ends with an error that tells its reader to begin again', async () => {
    await using house = await openHouse();
    const stream = await open(house, 'subscription { dust }');
    expect((await stream.next()).value?.data).toEqual({ dust: 1 });
    await house.stop();
    await house.start();
    expect(await stream.next()).toMatchObject({
      value: { errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] },
    });
    expect((await stream.next()).done).toBe(true);
  });

  it('is asked of its source only as fast as it is read', async () => {
    await using house = await openHouse();
    const stream = await open(house, 'subscription { chips { n kilobyte } }');
    await stream.next();
    let taken = 0;
    await expect
      .poll(
        () => {
          const stood = house.stones.seen.taken === taken;
          taken = house.stones.seen.taken;
          return stood;
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true);
    expect(taken).toBeLessThan(2_000);
    await stream.return?.();
  });

  it('shares its connection with a hundred others', async () => {
    await using cutter = await openCutter();
    await using house = await openHouse(60_000, cutter.to);
    const streams = await Promise.all(
      Array.from({ length: 1_000 }, () => open(house, 'subscription { chips(until: 2) { n } }')),
    );
    for (const stream of streams)
      expect([numberOf(await stream.next()), numberOf(await stream.next())]).toEqual([1, 2]);
    expect(cutter.connections()).toBeLessThanOrEqual(12);
    await Promise.all(streams.map((stream) => stream.return?.()));
    await expect.poll(() => house.stones.seen.open).toBe(0);
  });

  it('that is refused is refused at once', async () => {
    await using house = await openHouse();
    house.stones.rights = false;
    expect(await house.transport.subscribe(asking('subscription { chips { n } }'))).toMatchObject({
      errors: [{ extensions: { code: 'INTERNAL' } }],
    });
    await house.stop();
    await expect(house.transport.subscribe(asking('subscription { chips { n } }'))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
