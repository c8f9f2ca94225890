import { WebSocket } from 'ws';

const FOLLOW = /* GraphQL */ `
  subscription Follow($assetId: ID!, $after: String) {
    assetEvents(assetId: $assetId, after: $after) { seq type state progress { done } asset { id state title } }
  }
`;
/** Sockets that are opened at one time. */
const AT_ONCE = 250;

export interface Crowd {
  /** Resolves with the milliseconds that each took, once everybody has the event of that number. */
  arrivals(number: number, from: number): Promise<readonly number[]>;
  leave(): void;
}

const PATIENCE_MS = 30_000;

/**
 * Sockets that follow an asset, each an operation of its own. Raw messages: the load shares its machine with what it measures.
 *
 * @returns once each has its first event
 */
export async function gather(url: string, token: string, assetId: string, count: number): Promise<Crowd> {
  const sockets: WebSocket[] = [];
  const arrived = new Map<number, number[]>();
  const waiting = new Map<number, () => void>();
  const take = (number: number) => {
    const times = arrived.get(number) ?? [];
    if (times.length === 0) arrived.set(number, times);
    times.push(performance.now());
    if (times.length === count) waiting.get(number)?.();
  };
  const join = () =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(url, 'graphql-transport-ws');
      sockets.push(socket);
      const hello = { type: 'connection_init', payload: { authorization: `Bearer ${token}` } };
      socket.on('open', () => socket.send(JSON.stringify(hello)));
      socket.on('error', reject);
      socket.on('message', (data) => {
        const text = String(data);
        if (text.includes('"connection_ack"')) {
          const payload = { query: FOLLOW, variables: { assetId } };
          return socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        }
        if (!text.includes('"next"') || text.includes('"errors"')) return reject(new Error(text));
        resolve();
        const done = /"done":(\d+)/.exec(text)?.[1];
        if (done !== undefined) take(Number(done));
      });
    });
  for (let opened = 0; opened < count; opened += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, join));
  return {
    arrivals: (number, from) =>
      new Promise((resolve, reject) => {
        const times = () => arrived.get(number) ?? [];
        const late = () => reject(new Error(`Event ${number} reached ${times().length} of ${count}.`));
        const timer = setTimeout(late, PATIENCE_MS);
        const done = () => {
          clearTimeout(timer);
          waiting.delete(number);
          resolve(times().map((at) => at - from));
          arrived.delete(number);
        };
        if (times().length >= count) done();
        else waiting.set(number, done);
      }),
    leave: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}
