import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const HISTORY = 'subscription { history { id title owner { name } } }';

let house: DoorsHouse;
beforeEach(async () => {
  house = await startDoorsHouse();
});
afterEach(() => house[Symbol.asyncDispose]());

/** Waits until something holds, for at most ten seconds. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Reads a stream over a socket of its own. */
function follow(authorization?: string) {
  const ids: string[] = [];
  const client = createClient({
    url: `${house.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(authorization ? { connectionParams: { authorization } } : {}),
  });
  const leave = client.subscribe<{ history: { id: string } }>(
    { query: HISTORY },
    { next: ({ data }) => void ids.push(data?.history.id ?? ''), error: () => undefined, complete: () => undefined },
  );
  return { ids, leave };
}

/** More than sockets and kernel hold, event by event, so that who reads is never behind. */
async function flood(quick: { readonly ids: readonly string[] }, isOver: () => boolean): Promise<void> {
  for (let events = 1; !isOver(); events += 1) {
    if (events > 2_000) throw new Error('Nobody was sent away.');
    const before = quick.ids.length;
    house.emit('large');
    await until(() => quick.ids.length > before, 'the quick one has it');
  }
}

describe('a crowd at one stream', () => {
  it('is one stream of the subgraph, completed once an event', async () => {
    const first = follow();
    await until(() => house.streams() === 1, 'the first is there');
    house.emit('t1');
    await until(() => first.ids.length === 1, 'an event');
    const others = Array.from({ length: 30 }, () => follow());
    await until(() => others.every(({ ids }) => ids.length === 1), 'each has it');
    house.asked.length = 0;
    house.emit('t2');
    await until(() => others.every(({ ids }) => ids.length === 2), 'each has the next');
    expect([first, ...others].map(({ ids }) => ids.join())).toEqual(Array(31).fill('t1,t2'));
    expect([house.streams(), house.asked]).toEqual([1, ['people']]);
    for (const { leave } of [first, ...others]) leave();
    await until(() => house.streams() === 0, 'the stream is closed behind the last');
  });

  it('is two where two sorts of people are in it', async () => {
    const [visitor, ada] = [follow(), follow('Bearer ada')];
    await until(() => house.streams() === 2, 'both are there');
    house.emit('t1');
    await until(() => visitor.ids.length + ada.ids.length === 2, 'both have it');
    expect(house.streams()).toBe(2);
    visitor.leave();
    ada.leave();
  });

  it('leaves a socket behind that does not read: 4408, and nobody else notices', async () => {
    const quick = follow();
    await until(() => house.streams() === 1, 'one is there');
    house.emit('t1');
    const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    const acknowledged = new Promise((resolve) => socket.once('message', resolve));
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    await acknowledged;
    const got = new Promise((resolve) => socket.once('message', resolve));
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: HISTORY } }));
    await got;
    socket.pause();
    let isOver = false;
    await flood(quick, () => {
      isOver ||= house.server.sockets() === 1 || socket.readyState !== WebSocket.OPEN;
      if (quick.ids.length > 300) socket.resume();
      return isOver;
    });
    expect(await closed).toBe(4408);
    expect(quick.ids.filter((id) => id === 'large').length).toBe(quick.ids.length - 1);
    quick.leave();
  }, 30_000);

  it('leaves an event stream behind that does not read, and says why', async () => {
    const quick = follow();
    await until(() => house.streams() === 1, 'one is there');
    house.emit('t1');
    const answer = await fetch(`${house.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: HISTORY }),
    });
    const reader = answer.body?.getReader();
    await reader?.read();
    await flood(quick, () => quick.ids.length > 330);
    let text = '';
    for (const decoder = new TextDecoder(); ; ) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      text = (text + decoder.decode(value, { stream: true })).slice(-1_000);
    }
    expect(text).toMatch(/event: next\ndata: {"errors":.*"RATE_LIMITED".*\n\nevent: complete\ndata: \n\n$/);
    quick.leave();
  }, 30_000);
});
