import { expect, it } from 'vitest';
import { parseParams } from './params.ts';

it('variables have the names that were sent and no others', () => {
  const body: unknown = JSON.parse('{"query":"{ a }","variables":{"id":1,"__proto__":{"admin":true}}}');
  const { variables, extensions } = parseParams(body);
  expect(Object.keys(variables)).toEqual(['id', '__proto__']);
  for (const name of ['constructor', 'toString', 'admin'])
    expect([variables[name], extensions[name]]).toEqual([undefined, undefined]);
});
