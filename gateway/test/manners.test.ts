import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type DoorsHouse, ORIGIN, raw, startDoorsHouse } from './doors-house.ts';

const SHOP = 'https://shop.example';
const SCHEMA = '{ __schema { queryType { name } } }';

let house: DoorsHouse;
let production: DoorsHouse;
beforeAll(async () => {
  house = await startDoorsHouse({ origins: [SHOP] });
  production = await startDoorsHouse({ manners: { introspection: 'signed-in' } });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await production[Symbol.asyncDispose]();
});

describe('a page of another site', () => {
  const preflight = (origin: string, path = '/graphql') =>
    raw(house.url, {
      method: 'OPTIONS',
      path,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });

  it('may ask and read when it is listed', async () => {
    const { status, headers } = await preflight(SHOP);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      vary: 'Origin',
    });
    for (const name of ['x-assay-csrf', 'x-assay-cost', 'x-assay-plan', 'traceparent'])
      expect(headers['access-control-allow-headers']).toContain(name);
    const answer = await house.post({ query: '{ whoAsks }' }, { origin: SHOP, authorization: 'Bearer ada' });
    expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after');
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it('reads refusals too, so that it can tell why', async () => {
    const answer = await house.post({ query: '{' }, { origin: SHOP });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, SHOP]);
  });

  it.each([ORIGIN, 'https://shop.example.evil.test', 'http://shop.example', 'null', 'https://shop.example:8443'])(
    'reads nothing when it is not: %s',
    async (origin) => {
      const { status, headers } = await preflight(origin);
      expect(status).toBe(403);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      const answer = await house.post({ query: '{ whoAsks }' }, { origin });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('vary')).toContain('Origin');
    },
  );

  it('asks at no other path', async () => {
    const { headers } = await preflight(SHOP, '/logout');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each([
    ['text/plain', '{"query":"mutation { rename(id: \\"t3\\", title: \\"stolen\\") { title } }"}'],
    ['application/x-www-form-urlencoded', 'query=mutation%20%7B%20rename(id%3A%20%22t3%22)%20%7B%20title%20%7D%20%7D'],
  ])('cannot have a visitor’s browser ask without asking first: %s', async (type, body) => {
    const headers = { 'content-type': type, cookie: 'ada', origin: SHOP };
    const answer = await raw(house.url, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect((await house.post({ query: '{ thing(id: "t3") { title } }' })).text).toContain('Thing 3');
  });
});

describe('every answer', () => {
  it('runs nothing wherever it is shown', async () => {
    const { headers } = await house.post({ query: '{ whoAsks }' });
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('keeps browsers to https where that is what they come by, and says nothing of it elsewhere', async () => {
    const https = await house.get('/health/live');
    expect(https.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    await using plain = await startDoorsHouse({ publicUrl: 'http://localhost:4000' });
    expect((await plain.get('/health/live')).headers.get('strict-transport-security')).toBeNull();
  });
});

describe('the schema, in production', () => {
  it.each([
    '{ __schema { queryType { name } } }',
    '{ __type(name: "Thing") { name } }',
    '{ whoAsks ...F } fragment F on Query { __schema { types { name } } }',
  ])('is not shown to a visitor: %s', async (query) => {
    const { status, json } = await production.post({ query });
    expect([status, json.errors?.[0]?.extensions?.['code']]).toEqual([401, 'UNAUTHENTICATED']);
    expect(json.data).toBeUndefined();
    const events = await production.post({ query }, { accept: 'text/event-stream' });
    expect(events.text).toContain('UNAUTHENTICATED');
  });

  it('is not shown over a WebSocket either', async () => {
    const client = createClient({ url: `${production.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const told = await new Promise((resolve) => {
      client.subscribe({ query: SCHEMA }, { next: resolve, error: resolve, complete: () => undefined });
    });
    expect(JSON.stringify(told)).toContain('UNAUTHENTICATED');
    await client.dispose();
  });

  it('is shown to whoever is signed in; and __typename to everybody', async () => {
    const { json } = await production.post({ query: SCHEMA }, { authorization: 'Bearer ada' });
    expect(json.data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    expect((await production.post({ query: '{ __typename }' })).json).toEqual({ data: { __typename: 'Query' } });
  });

  it('is not told by suggestions, to nobody', async () => {
    for (const headers of [{}, { authorization: 'Bearer ada' }])
      for (const query of [
        '{ whoAskss }',
        '{ thing(idd: "t1") { title } }',
        '{ thing(id: "t1") { ... on Thingg { id } } }',
      ])
        expect((await production.post({ query }, headers)).text).not.toContain('Did you mean');
  });
});
