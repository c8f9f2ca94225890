import { expect, it } from 'vitest';
import { prefersResponseJson } from './accept.ts';

it.each([
  [undefined, false],
  ['*/*', false],
  ['application/json', false],
  ['application/graphql-response+json', true],
  ['Application/GraphQL-Response+JSON; charset=utf-8', true],
  ['application/graphql-response+json, application/json;q=0.9', true],
  ['application/graphql-response+json, application/json', true],
  ['application/json, application/graphql-response+json', false],
  ['application/json;q=0.5, application/graphql-response+json;q=0.6', true],
  ['application/graphql-response+json;q=0.1, */*', false],
  ['*/*, application/graphql-response+json', true],
  ['application/graphql-response+json;q=0, application/json', false],
  ['application/json;q=0, */*', true],
  ['application/graphql-response+json;q=0', false],
  ['text/html', false],
  ['application/graphql-response+json; version=2', false],
])('whoever accepts %s gets a GraphQL response in its own type: %s', (accept, isPreferred) => {
  expect(prefersResponseJson(accept)).toBe(isPreferred);
});
