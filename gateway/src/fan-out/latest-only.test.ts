import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { readLatestOnly } from './latest-only.ts';

const SUPERGRAPH = readFileSync(new URL('../../../codegen/supergraph.graphql', import.meta.url), 'utf8');

it.each([
  ['a field that says so', 'subscription { assetProgress(assetId: 1) { seq } }', true],
  ['it by another name', 'subscription { assetEvents: assetProgress(assetId: 1) { seq } }', true],
  ['one whose events are promised without a gap', 'subscription { assetEvents(assetId: 1) { seq } }', false],
  ['that one by another name', 'subscription { assetProgress: assetEvents(assetId: 1) { seq } }', false],
  ['another one', 'subscription { moderationEvents { seq } }', false],
  [
    'what stands in a fragment',
    'subscription { ...F } fragment F on Subscription { assetProgress(assetId: 1) { seq } }',
    false,
  ],
])('only the newest event matters of %s: %s, %s', (_what, text, expected) => {
  expect(readLatestOnly(SUPERGRAPH)(parse(text), undefined)).toBe(expected);
});

it('of nothing where a supergraph has no subscriptions, or none that says so', () => {
  const document = parse('subscription { events { id } }');
  expect(readLatestOnly('schema { query: Query } type Query { id: ID }')(document, undefined)).toBe(false);
  const sdl =
    'schema { query: Query subscription: Live } type Query { id: ID } type Live { events: ID @tag(name: "x") }';
  expect(readLatestOnly(sdl)(document, undefined)).toBe(false);
  expect(readLatestOnly(sdl.replace('"x"', '"latest-only"'))(document, undefined)).toBe(true);
});
