import { expect, it } from 'vitest';
import { selectRange } from './range.ts';

it.each([
  ['bytes=0-0', [0, 0]],
  ['bytes=0-', [0, 99]],
  ['bytes=10-19', [10, 19]],
  ['bytes=90-1000', [90, 99]],
  ['bytes=-10', [90, 99]],
  ['bytes=-1000', [0, 99]],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=20-10', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=a-b', 'whole'],
  ['bytes=0-1,5-9', 'whole'],
  ['lines=0-1', 'whole'],
  [undefined, 'whole'],
  [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
])('%s of a hundred bytes', (header, expected) => {
  const selection = selectRange(header, undefined, '"e"', 100);
  expect(selection.kind === 'part' ? [selection.range.first, selection.range.last] : selection.kind).toEqual(expected);
});

it('is nothing of the file when the file is another one', () => {
  expect(selectRange('bytes=0-0', '"e"', '"e"', 100).kind).toBe('part');
  for (const tag of ['"f"', 'W/"e"', 'Mon, 23 Nov 2026 10:00:00 GMT']) {
    expect(selectRange('bytes=0-0', tag, '"e"', 100).kind).toBe('whole');
  }
});
