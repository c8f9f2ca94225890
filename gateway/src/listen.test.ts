import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { close, listenLocally } from './listen.ts';

it('whoever listens cuts off slow senders, at both addresses', async () => {
  const { servers } = await listenLocally(() => createServer(), 0);
  for (const { headersTimeout, requestTimeout, keepAliveTimeout } of servers)
    expect([headersTimeout, requestTimeout, keepAliveTimeout]).toEqual([10_000, 30_000, 65_000]);
  await Promise.all(servers.map(close));
});
