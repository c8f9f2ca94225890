import type { EventSourceMessage } from 'eventsource-parser';
import { expect, it } from 'vitest';
import { openResuming } from './resuming.ts';

async function* tell(isFirst: boolean): AsyncGenerator<EventSourceMessage> {
  if (isFirst) yield { event: 'next', id: '1', data: '{}' };
}

it('a stream that opens again and again and brings nothing is tried less and less, and not for ever', async () => {
  let opened = 0;
  const stream = await openResuming(
    async () => {
      opened += 1;
      return { [Symbol.asyncIterator]: () => tell(opened === 1), close: () => undefined };
    },
    { report: () => undefined, patienceMs: 500 },
  );
  if (!(Symbol.asyncIterator in stream)) throw new Error('It did not open.');
  const results: unknown[] = [];
  for await (const { errors } of stream) results.push(errors?.[0]?.extensions['code']);
  expect(results).toEqual([undefined, 'UPSTREAM_UNAVAILABLE']);
  expect(opened).toBeLessThan(10);
});
