import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ADA, type DoorsHouse, somebody, startDoorsHouse } from './doors-house.ts';

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
});
