import { describe, expect, it } from 'vitest';
import { addEvent, lastCursor, type TimelineEvent } from './timeline.ts';

const event = (seq: number): TimelineEvent => ({ cursor: `c${seq}`, seq, at: '', type: 'STATE', state: 'RECEIVED' });

describe('a timeline', () => {
  it('shows each event once and in order, also when a resumed stream repeats some', () => {
    const events = [1, 2, 2, 4, 3, 1].map(event).reduce(addEvent, [] as readonly TimelineEvent[]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('resumes after the last event it has', () => {
    expect(lastCursor([])).toBeNull();
    expect(lastCursor([event(1), event(2)])).toBe('c2');
  });
});
