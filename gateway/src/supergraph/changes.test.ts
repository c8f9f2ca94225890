import { expect, it } from 'vitest';
import { changesBetween } from './changes.ts';

const BEFORE = 'type Query { asset(id: ID!): Asset } type Asset { id: ID! title: String! } enum State { READY }';

it.each([
  ['a field that is there no longer', BEFORE.replace('title: String!', ''), 'Asset.title was removed.'],
  [
    'a field that may be null now',
    BEFORE.replace('title: String!', 'title: String'),
    'Asset.title changed type from String! to String.',
  ],
  [
    'an argument that has to be given now',
    BEFORE.replace('id: ID!)', 'id: ID!, of: ID!)'),
    'A required arg of on Query.asset was added.',
  ],
])('%s breaks clients', (_what, after, description) => {
  expect(changesBetween(BEFORE, after)).toEqual({ breaking: [description], dangerous: [] });
});

it('a value of an enum that nobody knew is only dangerous, and a field more is neither', () => {
  expect(changesBetween(BEFORE, BEFORE.replace('READY', 'READY GONE'))).toEqual({
    breaking: [],
    dangerous: ['GONE was added to enum type State.'],
  });
  expect(changesBetween(BEFORE, BEFORE.replace('title', 'size: Int title'))).toEqual({ breaking: [], dangerous: [] });
});
