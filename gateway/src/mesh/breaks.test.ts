import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Breaks, gatherBreaks } from './breaks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a thousand streams that break off at once are told of once, and those after them again', () => {
  const told: Breaks[] = [];
  const report = gatherBreaks((breaks) => told.push(breaks));
  for (let n = 0; n < 1_000; n += 1) report(new Error('other side closed'));
  vi.advanceTimersByTime(1_000);
  report('gone');
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([
    { streams: 1_000, reason: 'other side closed' },
    { streams: 1, reason: 'gone' },
  ]);
});
