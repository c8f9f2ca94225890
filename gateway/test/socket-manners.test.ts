import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ADA, type DoorsHouse, somebody, startDoorsHouse } from './doors-house.ts';
import { connectRaw, PONG, TEXT } from './raw-socket.ts';

const TIMES = { initMs: 300, pingMs: 100 };
const CHANGES = 'subscription { changes { id } }';

let house: DoorsHouse;
beforeEach(async () => {
  house = await startDoorsHouse({ socketTimes: TIMES });
});
afterEach(() => house[Symbol.asyncDispose]());

/** A socket that says only what it is told to, and what became of it. */
function connect(options: { readonly autoPong?: boolean } = {}) {
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options);
  const got: { readonly type: string; readonly payload?: unknown }[] = [];
  let pings = 0;
  socket.on('message', (data) => got.push(JSON.parse(String(data))));
  socket.on('ping', () => (pings += 1));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const say = (message: object) => socket.send(JSON.stringify(message));
  const opened = new Promise<void>((resolve) => socket.once('open', () => resolve()));
  return { socket, got, closed, opened, say, pings: () => pings };
}

const eventually = (what: () => unknown) => expect.poll(what, { timeout: 3_000, interval: 5 });

describe('a socket', () => {
  it('that never introduces itself is closed with 4408', async () => {
    const { got, closed } = connect();
    expect(await closed).toBe(4408);
    expect(got).toEqual([]);
    await eventually(house.server.sockets).toBe(0);
  });

  it('that has introduced itself stays, however quiet it is', async () => {
    const { socket, opened, say, pings } = connect();
    await opened;
    say({ type: 'connection_init' });
    await eventually(pings).toBeGreaterThan(4);
    expect([socket.readyState, house.server.sockets()]).toEqual([WebSocket.OPEN, 1]);
    socket.close();
  });

  it('that answers no ping is taken for gone, and so is its stream', async () => {
    const { got, closed, opened, say } = connect({ autoPong: false });
    await opened;
    say({ type: 'connection_init' });
    await eventually(() => got.length).toBe(1);
    say({ id: '1', type: 'subscribe', payload: { query: CHANGES } });
    expect(await closed).toBe(1006);
    await eventually(() => [house.server.sockets(), house.streams()]).toEqual([0, 0]);
  });

  it('is told pong with what it sent with its ping', async () => {
    const { socket, got, opened, say } = connect();
    await opened;
    say({ type: 'ping', payload: { nth: 7 } });
    await eventually(() => got).toEqual([{ type: 'pong', payload: { nth: 7 } }]);
    socket.close();
  });

  it('whose operation is still being opened when it goes leaves no stream behind', async () => {
    const { socket, got, opened, say } = connect();
    await opened;
    say({ type: 'connection_init' });
    await eventually(() => got.length).toBe(1);
    for (let nth = 0; nth < 50; nth += 1) say({ id: String(nth), type: 'subscribe', payload: { query: CHANGES } });
    socket.terminate();
    await eventually(() => [house.server.sockets(), house.streams()]).toEqual([0, 0]);
  });

  it('that goes while it is found out who asks leaves nobody watched', async () => {
    const looking = Promise.withResolvers<void>();
    const found = Promise.withResolvers<void>();
    house.waits.set('ada', () => {
      looking.resolve();
      return found.promise;
    });
    const introduce = { type: 'connection_init', payload: { authorization: 'Bearer ada' } };
    const gone = connect();
    await gone.opened;
    gone.say(introduce);
    await looking.promise;
    gone.socket.terminate();
    await eventually(house.server.sockets).toBe(0);
    found.resolve();
    const after = connect();
    await after.opened;
    after.say(introduce);
    await eventually(() => after.got.length).toBe(1);
    expect(house.watched()).toBe(1);
    after.socket.close();
    await eventually(house.watched).toBe(0);
  });

  it('that was sent away and stays all the same is heard no more, and soon not connected', async () => {
    const raw = await connectRaw(house.url);
    raw.say({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    await eventually(() => raw.got('connection_ack')).toBe(true);
    house.end('revoked');
    // Close, with the code of Forbidden.
    await eventually(() => raw.got('Forbidden')).toBe(true);
    raw.say({ id: '1', type: 'subscribe', payload: { query: 'mutation { rename(id: "t1", title: "Mine") { id } }' } });
    await raw.closed;
    const { json } = await house.post({ query: '{ thing(id: "t1") { title } }' });
    expect(json.data).toEqual({ thing: { title: 'Thing 1' } });
    await eventually(house.server.sockets).toBe(0);
  });

  it.each([
    ['pongs', JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(500_000) } })],
    ['large answers', null],
  ])('that never reads is listened to no longer than a little of its %s waits, and is gone', async (_what, text) => {
    const raw = await connectRaw(house.url);
    raw.say({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    await eventually(() => raw.got('connection_ack')).toBe(true);
    raw.stopReading();
    let asked = 0;
    const query = '{ thing(id: "large") { title } }';
    const flood = setInterval(() => {
      // It says that it is there, whatever it was asked.
      raw.write(PONG, '');
      if (text !== null) raw.write(TEXT, text);
      else for (let n = 0; n < 20; n += 1) raw.say({ id: String((asked += 1)), type: 'subscribe', payload: { query } });
    }, 2);
    await eventually(house.server.sockets).toBe(0);
    clearInterval(flood);
    // What the kernel holds, and little more.
    expect(raw.taken()).toBeLessThan(64 * 1024 * 1024);
    raw.leave();
  });

  it('that reads late is told everything, however much that is', async () => {
    const { socket, got, opened, say } = connect();
    await opened;
    say({ type: 'connection_init' });
    await eventually(() => got.length).toBe(1);
    for (let nth = 0; nth < 60; nth += 1)
      say({ id: String(nth), type: 'subscribe', payload: { query: '{ thing(id: "large") { title } }' } });
    socket.pause();
    await eventually(() => house.asked.length).toBeGreaterThan(20);
    socket.resume();
    await eventually(() => got.filter(({ type }) => type === 'next').length).toBe(60);
    socket.close();
  });

  it('has fifty questions under way without a warning', async () => {
    const warned: Error[] = [];
    const listen = (warning: Error) => void warned.push(warning);
    process.on('warning', listen);
    const { socket, got, opened, say } = connect();
    await opened;
    say({ type: 'connection_init' });
    await eventually(() => got.length).toBe(1);
    for (let nth = 0; nth < 50; nth += 1)
      say({ id: String(nth), type: 'subscribe', payload: { query: '{ slowThing { id } }' } });
    await eventually(() => got.filter(({ type }) => type === 'complete').length).toBe(50);
    process.off('warning', listen);
    expect(warned).toEqual([]);
    socket.close();
  });

  it('is asked for each operation what its caller may now', async () => {
    house.tokens.set('ada', { ...somebody(ADA), roles: ['author'] });
    const { socket, got, opened, say } = connect();
    await opened;
    say({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    await eventually(() => got.length).toBe(1);
    house.tokens.set('ada', { ...somebody(ADA), roles: ['buyer'] });
    say({ id: '1', type: 'subscribe', payload: { query: 'mutation { roles }' } });
    await eventually(() => got.find(({ type }) => type === 'next')?.payload).toEqual({ data: { roles: ['buyer'] } });
    house.tokens.delete('ada');
    say({ id: '2', type: 'subscribe', payload: { query: '{ whoAsks }' } });
    await eventually(() => got.filter(({ type }) => type === 'next')[1]?.payload).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    socket.close();
  });

  it.each([
    ['unknown', { query: 'query A { whoAsks }', operationName: 'B' }],
    ['one of several that nobody named', { query: 'query A { whoAsks } query B { whoAsks }' }],
  ])('is told with a code that its operation is %s', async (_what, payload) => {
    const { socket, got, opened, say } = connect();
    await opened;
    say({ type: 'connection_init' });
    await eventually(() => got.length).toBe(1);
    say({ id: '1', type: 'subscribe', payload });
    await eventually(() => got[1]).toMatchObject({
      type: 'error',
      payload: [{ message: expect.any(String), extensions: { code: 'BAD_USER_INPUT' } }],
    });
    const { json } = await house.post(payload);
    expect(got[1]?.payload).toEqual(json.errors);
    socket.close();
  });

  it.each([
    { type: 'connection_ack' },
    { id: '1', type: 'next', payload: {} },
    { id: '1', type: 'error', payload: [] },
  ])('that says what only servers say is closed with 4400: $type', async (message) => {
    const { closed, opened, say } = connect();
    await opened;
    say({ type: 'connection_init' });
    say(message);
    expect(await closed).toBe(4400);
  });
});
