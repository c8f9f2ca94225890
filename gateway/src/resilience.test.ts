import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RequestOver } from './request-time.ts';
import { type ResilienceOptions, resilient } from './resilience.ts';
import { createHttpTransport } from './router/http-transport.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const answer: RequestListener = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"n":1}}');

async function listen(listener: RequestListener, port = 0): Promise<Server> {
  const server = createServer(listener);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  ending.push(() => server.close());
  return server;
}

function open(port: number, options?: ResilienceOptions) {
  const http = createHttpTransport({ url: new URL(`http://127.0.0.1:${port}/graphql`) });
  ending.push(() => http[Symbol.asyncDispose]());
  const transport = resilient(http, options);
  return async (operation: 'query' | 'mutation' = 'query', signal?: AbortSignal) => {
    const asked = { query: '{ n }', variables: {}, operation, context: { headers: {} }, signal };
    const { data, errors } = await transport.execute(asked);
    return { data, errors };
  };
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** A port that nobody listens on, for now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a connection that is refused', () => {
  it('is tried once more for a read', async () => {
    const port = await freePort();
    const ask = open(port);
    const asked = ask();
    await listen(answer, port);
    expect(await asked).toMatchObject({ data: { n: 1 } });
  });

  it('is not tried again for a change', async () => {
    const port = await freePort();
    const ask = open(port);
    const asked = ask('mutation');
    await listen(answer, port);
    await expect(asked).rejects.toThrow(/ECONNREFUSED/);
  });

  it('is not tried a third time', async () => {
    await expect(open(await freePort())()).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('an answer that breaks off', () => {
  it('is never asked for again: it may have run', async () => {
    let asked = 0;
    const server = await listen((request) => {
      asked += 1;
      request.socket.destroy();
    });
    await expect(open(portOf(server))()).rejects.toThrow();
    expect(asked).toBe(1);
  });
});

describe('a subgraph that fails', () => {
  it('is left alone for a while, and asked again after it', async () => {
    let asked = 0;
    let isWell = false;
    const server = await listen((request, response) => {
      asked += 1;
      if (isWell) return answer(request, response);
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
    });
    const ask = open(portOf(server), { sampleMs: 1_000, leastPerSecond: 1, restMs: 200 });
    await expect(async () => {
      for (;;)
        await ask().catch((error: Error) => {
          if (!/status 502/.test(error.message)) throw error;
        });
    }).rejects.toThrow(/circuit/i);
    const before = asked;
    await expect(ask()).rejects.toThrow(/circuit/i);
    expect(asked).toBe(before);
    isWell = true;
    await expect.poll(() => ask().catch(() => null), { timeout: 2_000 }).toMatchObject({ data: { n: 1 } });
  });

  it('fails by its status, though its answer is handed on', async () => {
    const errors = '{"errors":[{"message":"The database is away."}]}';
    const server = await listen((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/json' }).end(errors);
    });
    const ask = open(portOf(server), { sampleMs: 1_000, leastPerSecond: 1 });
    expect(await ask()).toMatchObject(JSON.parse(errors));
    await expect(async () => {
      for (;;) await ask();
    }).rejects.toThrow(/circuit/i);
  });

  it('does not fail by what it says about a query, nor by clients that leave', async () => {
    const errors = '{"errors":[{"message":"No."}]}';
    const server = await listen((_request, response) => {
      const say = () => response.writeHead(400, { 'content-type': 'application/json' }).end(errors);
      setTimeout(say, 10);
    });
    const ask = open(portOf(server), { sampleMs: 1_000, leastPerSecond: 1 });
    for (let n = 0; n < 20; n += 1) {
      const leaving = new AbortController();
      const asked = ask('query', leaving.signal);
      setImmediate(() => leaving.abort(new RequestOver('The client has left.')));
      await expect(asked).rejects.toThrow('The client has left.');
      expect(await ask()).toMatchObject(JSON.parse(errors));
    }
  });
});

describe('a slow subgraph', () => {
  it('holds only so many fetches, so many wait, and the rest fail at once', async () => {
    let [current, most] = [0, 0];
    const held: (() => void)[] = [];
    const server = await listen((request, response) => {
      current += 1;
      most = Math.max(most, current);
      held.push(() => {
        current -= 1;
        answer(request, response);
      });
    });
    const ask = open(portOf(server), { atOnce: 3, waiting: 2 });
    const asked = Array.from({ length: 8 }, () =>
      ask().then(
        () => 'answered',
        (error: Error) => error.name,
      ),
    );
    const releasing = setInterval(() => held.shift()?.(), 20);
    ending.push(() => clearInterval(releasing));
    const results = await Promise.all(asked);
    expect(results.filter((each) => each === 'answered')).toHaveLength(5);
    expect(results.filter((each) => each !== 'answered')).toHaveLength(3);
    expect(most).toBe(3);
  });
});
