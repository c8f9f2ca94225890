import { WebSocket } from 'ws';

const FOLLOW = 'subscription ($after: String) { told(after: $after) { cursor number at goods { id name price } } }';
/** Sockets that are opened at one time. */
const AT_ONCE = 100;
const PATIENCE_MS = 60_000;

/** Those who follow the feed at one gateway. */
export interface Listeners {
  /** What the first of them was sent first. */
  readonly sample: string;
  /** Resolves with the times at which each had the event of that number, once everybody has it. */
  all(number: number): Promise<readonly number[]>;
  leave(): void;
}

/**
 * Opens sockets that follow the feed, a connection each. Raw messages of graphql-transport-ws: the load shares a core with the
 * subgraphs, and is to cost little of it.
 *
 * @param url of a gateway
 * @returns once each has its first event
 */
export async function listen(url: string, count: number): Promise<Listeners> {
  const sockets: WebSocket[] = [];
  const times = new Map<number, number[]>();
  const waiting = new Map<number, () => void>();
  let sample = '';
  const take = (number: number) => {
    const all = times.get(number) ?? [];
    if (all.length === 0) times.set(number, all);
    all.push(performance.now());
    if (all.length === count) waiting.get(number)?.();
  };
  const join = () =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
      sockets.push(socket);
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`A socket was closed with ${code}.`)));
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      socket.on('message', (data) => {
        const message = String(data);
        if (message.includes('"connection_ack"'))
          return socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FOLLOW } }));
        const number = /"number":(\d+)/.exec(message)?.[1];
        if (number === undefined) return reject(new Error(message));
        sample ||= message;
        take(Number(number));
        resolve();
      });
    });
  for (let opened = 0; opened < count; opened += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, join));
  times.clear();
  return {
    sample,
    all: (number) =>
      new Promise((resolve, reject) => {
        const got = () => times.get(number) ?? [];
        const late = () => reject(new Error(`Event ${number} reached ${got().length} of ${count}.`));
        const timer = setTimeout(late, PATIENCE_MS);
        const done = () => {
          clearTimeout(timer);
          waiting.delete(number);
          resolve(got());
          times.delete(number);
        };
        if (got().length >= count) done();
        else waiting.set(number, done);
      }),
    leave: () => {
      for (const socket of sockets) {
        socket.removeAllListeners('close');
        socket.terminate();
      }
    },
  };
}
