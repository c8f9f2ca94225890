import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Gathered, gatherFailures } from './gathering.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a thousand streams that break off at once are told of once, and those after them again', () => {
  const told: Gathered[] = [];
  const report = gatherFailures((gathered) => told.push(gathered));
  for (let n = 0; n < 1_000; n += 1) report(new Error('other side closed'));
  vi.advanceTimersByTime(1_000);
  report('gone');
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([
    { count: 1_000, reason: 'other side closed' },
    { count: 1, reason: 'gone' },
  ]);
});
