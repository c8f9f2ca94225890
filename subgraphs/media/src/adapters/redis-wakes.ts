import { connectRedis } from '@assay/subgraph/redis';
import type { WakeChannel, Wakes } from '../events/wake.ts';

/** Wake-ups over Redis's pub/sub: one connection listens for all readers, one wakes. */
export interface RedisWakes extends Wakes, AsyncDisposable {
  isAlive(): Promise<boolean>;
  /** How many channels somebody listens on. */
  readonly channels: number;
}

/**
 * @param url of Redis, as this process's user
 * @param onError is told of what does not reach anybody else
 */
export function connectWakes(url: string, onError: (cause: Error) => void): RedisWakes {
  const publisher = connectRedis(url, onError);
  const subscriber = connectRedis(url, onError);
  const readers = new Map<string, Set<() => void>>();

  subscriber.on('message', (channel) => {
    for (const onWake of readers.get(channel) ?? []) onWake();
  });
  // Between two connections wake-ups were lost: everybody listens again, and looks.
  subscriber.on('ready', () => {
    if (readers.size > 0) subscriber.subscribe(...readers.keys()).catch(onError);
    for (const those of readers.values()) for (const onWake of those) onWake();
  });

  const listen = (channel: WakeChannel, onWake: () => void) => {
    const others = readers.get(channel) ?? new Set();
    if (others.size === 0) {
      readers.set(channel, others);
      subscriber.subscribe(channel).catch(onError);
    }
    // A reader may listen twice with one function: each has a place of its own.
    const place = () => onWake();
    others.add(place);
    return () => {
      others.delete(place);
      if (others.size > 0 || readers.get(channel) !== others) return;
      readers.delete(channel);
      subscriber.unsubscribe(channel).catch(onError);
    };
  };

  return {
    listen,
    wake: (...channels) => {
      for (const channel of channels) publisher.publish(channel, '').catch(onError);
    },
    isAlive: async () => (await publisher.ping()) === 'PONG',
    get channels() {
      return readers.size;
    },
    [Symbol.asyncDispose]: async () => {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
