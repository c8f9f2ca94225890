import { expect, it } from 'vitest';
import { parseReturnTo } from './return-to.ts';

const own = 'http://localhost:4000';

it.each(['/', '/assets/1?tab=events#e3', '/moderation', '/a//b', '/search?q=a%20b'])('goes back to %s', (path) => {
  expect(parseReturnTo(path, own)).toBe(path);
});

it.each([
  null,
  undefined,
  '',
  'moderation',
  'https://evil.test/',
  'http://localhost:4000@evil.test/',
  'javascript:alert(1)',
  '//evil.test',
  '///evil.test',
  '/\\evil.test',
  '\\/evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  ' //evil.test',
  '/..//evil.test',
  '/.//evil.test',
  '/a/..//evil.test',
  '/a\\..\\..\\evil.test',
  '/\u2028/evil.test',
  '/login',
  '/login?returnTo=/login',
  '/callback?code=1',
  '/logout',
  `/${'a'.repeat(3000)}`,
])('never leads to %s', (wanted) => {
  expect(parseReturnTo(wanted, own)).toBe('/');
});
