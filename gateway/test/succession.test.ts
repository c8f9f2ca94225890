import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const CHANGES = 'subscription { changes { id title } }';
const changed = (n: number) => ({ data: { changes: { id: `t${n}`, title: `Thing ${n}` } } });
const withoutSecret = (sdl: string) => sdl.replace('secret: String!', '');

let house: DoorsHouse;
beforeEach(async () => {
  house = await startDoorsHouse();
});
afterEach(() => house[Symbol.asyncDispose]());

it('a request that was begun with the last supergraph ends with it, and the next one is answered by the next', async () => {
  const begun = house.post({ query: '{ slowThing { title owner { name } } }' });
  await expect.poll(() => house.asked.length).toBe(1);
  await house.succeed((sdl) => withoutSecret(sdl).replace('slowThing: Thing', ''));
  expect((await house.post({ query: '{ slowThing { title } }' })).json.errors?.[0]?.message).toMatch(/slowThing/);
  expect((await begun).json).toEqual({ data: { slowThing: { title: 'Thing 1', owner: { name: 'Owner of p-t1' } } } });
  expect((await house.post({ query: '{ thing(id: "t2") { title } }' })).json).toEqual({
    data: { thing: { title: 'Thing 2' } },
  });
});

it('a stream over a WebSocket is told to subscribe again, and a client of graphql-ws does so by itself', async () => {
  const closes: number[] = [];
  const client = createWsClient({
    url: `${house.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryWait: async () => undefined,
    on: { closed: (event) => closes.push((event as CloseEvent).code) },
  });
  const stream = client.iterate({ query: CHANGES });
  const first = stream.next();
  await expect.poll(() => house.streams()).toBe(1);
  house.emit('t1');
  expect((await first).value).toEqual(changed(1));
  const second = stream.next();
  await house.succeed(withoutSecret);
  await expect.poll(() => closes, { timeout: 5_000 }).toEqual([1013]);
  await expect.poll(() => house.streams(), { timeout: 5_000 }).toBe(1);
  house.emit('t2');
  expect((await second).value).toEqual(changed(2));
  await stream.return?.();
  await client.dispose();
  await expect.poll(() => house.streams()).toBe(0);
});

it('a stream of server-sent events is told so in its last event', async () => {
  const client = createSseClient({ url: `${house.url}/graphql`, retryAttempts: 0 });
  const seen: unknown[] = [];
  const read = (async () => {
    for await (const event of client.iterate({ query: CHANGES })) seen.push(event);
  })();
  await expect.poll(() => house.streams()).toBe(1);
  house.emit('t1');
  await expect.poll(() => seen.length).toBe(1);
  await house.succeed(withoutSecret);
  await read;
  expect(seen).toEqual([
    changed(1),
    {
      errors: [
        expect.objectContaining({
          message: 'The schema has changed. Subscribe again with the last cursor.',
          extensions: expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE' }),
        }),
      ],
    },
  ]);
  expect(house.streams()).toBe(0);
  client.dispose();
});

it('a crowd at one stream is told of it one after the other, and comes back to one stream', async () => {
  const crowd = Array.from({ length: 30 }, () => {
    const seen: string[] = [];
    const told: number[] = [];
    const client = createWsClient({
      url: `${house.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryWait: async () => undefined,
      on: { closed: () => told.push(performance.now()) },
    });
    const leave = client.subscribe<{ history: { id: string } }>(
      { query: 'subscription ($after: String) { history(after: $after) { id } }' },
      { next: ({ data }) => seen.push(data?.history.id ?? ''), error: () => undefined, complete: () => undefined },
    );
    return { seen, told, leave, client };
  });
  const sockets = () => house.server.sockets();
  await expect.poll(sockets).toBe(30);
  await expect.poll(() => house.streams()).toBeGreaterThan(0);
  house.emit('t1');
  await expect.poll(() => crowd.every(({ seen }) => seen.length > 0)).toBe(true);
  await expect.poll(() => house.streams()).toBe(1);
  await house.succeed(withoutSecret);
  await expect.poll(() => crowd.every(({ told }) => told.length === 1), { timeout: 10_000 }).toBe(true);
  const times = crowd.flatMap(({ told }) => told);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(200);
  await expect.poll(sockets, { timeout: 5_000 }).toBe(30);
  for (const { leave, client } of crowd) {
    leave();
    await client.dispose();
  }
  await expect.poll(() => house.streams()).toBe(0);
});

it('a socket that was opened before is answered by what serves now', async () => {
  const client = createWsClient({
    url: `${house.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
  });
  const ask = async (query: string) => (await client.iterate({ query }).next()).value as { errors?: unknown };
  expect(await ask('{ thing(id: "t1") { id } }')).toEqual({ data: { thing: { id: 't1' } } });
  await house.succeed((sdl) => sdl.replace('secret: String!', 'secret: String!  things2: [Thing!]'));
  expect(await ask('{ things2 { id } }')).toHaveProperty('data');
  await client.dispose();
});
