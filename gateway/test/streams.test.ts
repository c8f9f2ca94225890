import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ADA, type DoorsHouse, ORIGIN, somebody, startDoorsHouse } from './doors-house.ts';

const CHANGES = 'subscription { changes { id title owner { name } } }';
const changed = (n: number) => ({ id: `t${n}`, title: `Thing ${n}`, owner: { name: `Owner of p-t${n}` } });

let house: DoorsHouse;
beforeEach(async () => {
  house = await startDoorsHouse();
});
afterEach(() => house[Symbol.asyncDispose]());

/** Waits until something holds, for at most three seconds. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 3_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('Server-Sent Events', () => {
  const open = async (body: object, headers: Record<string, string> = {}) => {
    const abort = new AbortController();
    const answer = await fetch(`${house.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify(body),
      signal: abort.signal,
    });
    return { answer, leave: () => abort.abort() };
  };
  const opened = () => until(() => house.streams() === 1, 'a stream is open');

  it('bring each event, completed from the other subgraphs', async () => {
    const { answer, leave } = await open({ query: CHANGES });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    await opened();
    house.emit('t1');
    house.emit('t2');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('Thing 2')) text += (await reader?.read())?.value ?? '';
    const next = (n: number) => `event: next\ndata: ${JSON.stringify({ data: { changes: changed(n) } })}\n\n`;
    expect(text).toBe(next(1) + next(2));
    leave();
    await until(() => house.streams() === 0, 'the stream is closed behind a client that left');
  });

  it('are what the graphql-sse client understands', async () => {
    const client = createSseClient({ url: `${house.url}/graphql`, retryAttempts: 0 });
    const seen: unknown[] = [];
    setTimeout(() => until(() => house.streams() === 1, 'open').then(() => house.emit('t3')));
    for await (const event of client.iterate({ query: CHANGES })) {
      seen.push(event);
      break;
    }
    expect(seen).toEqual([{ data: { changes: changed(3) } }]);
    client.dispose();
    await until(() => house.streams() === 0, 'closed');
  });

  it.each([
    ['text/event-stream', true],
    ['TEXT/Event-Stream; q=0.5', true],
    ['application/json, text/event-stream', true],
    ['text/event-stream;q=0', false],
    ['application/json, text/event-stream; Q=0.000', false],
    ['text/event-streams', false],
  ])('are the answer to Accept: %s: %s', async (accept, isStream) => {
    const { answer } = await open({ query: '{ whoAsks }' }, { accept });
    expect(answer.headers.get('content-type')?.includes('text/event-stream')).toBe(isStream);
    await answer.text();
  });

  it('serve queries too: next, then complete', async () => {
    const { answer } = await open({ query: '{ whoAsks }' }, { authorization: 'Bearer ada' });
    expect(await answer.text()).toBe(`event: next\ndata: {"data":{"whoAsks":"${ADA}"}}\n\nevent: complete\ndata: \n\n`);
  });

  it.each([
    ['a token that does not hold', { query: CHANGES }, { authorization: 'Bearer forged' }, 'UNAUTHENTICATED'],
    ['a document that does not fit', { query: 'subscription { nothing }' }, {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['a document that is none', { query: 'subscription {' }, {}, 'GRAPHQL_PARSE_FAILED'],
    ['no document', { quest: '' }, {}, 'BAD_USER_INPUT'],
    ['a form', { query: CHANGES }, { 'content-type': 'text/plain' }, 'BAD_USER_INPUT'],
  ])('answer %s with one error, and are complete', async (_name, body, headers, code) => {
    const { answer } = await open(body, headers);
    const [first = '', second] = (await answer.text()).split('\n\n');
    expect(first).toMatch(/^event: next\ndata: /);
    expect(JSON.parse(first.slice(first.indexOf('{')))).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(second).toBe('event: complete\ndata: ');
  });

  it.each(['expired', 'revoked'] as const)('end with UNAUTHENTICATED when the session is %s', async (why) => {
    const { answer } = await open({ query: CHANGES }, { authorization: 'Bearer ada' });
    await opened();
    house.end(why);
    const text = await answer.text();
    expect(text).toMatch(
      /^event: next\ndata: {"errors":\[{"message":"[^"]*","extensions":{"code":"UNAUTHENTICATED"}}\]}/,
    );
    expect(text).toMatch(/event: complete\ndata: \n\n$/);
    await until(() => house.streams() === 0, 'closed');
  });

  it('let no event out once its reader has lost a right', async () => {
    const { answer } = await open({ query: CHANGES }, { authorization: 'Bearer ada' });
    await opened();
    house.tokens.set('ada', { ...somebody(ADA), roles: [] });
    house.emit('t1');
    const text = await answer.text();
    expect(text).not.toContain('Thing 1');
    expect(text).toContain('UNAUTHENTICATED');
  });

  it('say that the gateway goes away, and are complete', async () => {
    const { answer } = await open({ query: CHANGES });
    await opened();
    const text = answer.text();
    await house[Symbol.asyncDispose]();
    expect(await text).toMatch(
      /^event: next\ndata: {"errors":.*UPSTREAM_UNAVAILABLE.*\n\nevent: complete\ndata: \n\n$/,
    );
  });

  it('let no event out while it cannot be told who reads', async () => {
    const { answer } = await open({ query: CHANGES }, { authorization: 'Bearer ada' });
    await opened();
    house.tokens.delete('ada');
    house.emit('t1');
    expect(await answer.text()).not.toContain('Thing 1');
  });
});

describe('WebSocket', () => {
  const url = () => `${house.url.replace('http', 'ws')}/graphql`;
  const client = (connectionParams?: Record<string, unknown>) =>
    createWsClient({
      url: url(),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: true,
      ...(connectionParams ? { connectionParams } : {}),
    });
  /** A socket of one's own: the first message at once, the others once it is acknowledged; what it got, and how it ended. */
  const speak = (messages: readonly unknown[], options: { origin?: string; headers?: Record<string, string> } = {}) => {
    const socket = new WebSocket(url(), 'graphql-transport-ws', options);
    const got: { type: string; payload?: unknown; id?: string }[] = [];
    const say = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    const [first, ...rest] = messages;
    socket.on('open', () => first !== undefined && say(first));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      got.push(message);
      if (message.type === 'connection_ack') for (const one of rest) say(one);
    });
    const closed = new Promise<{ code: number; reason: string }>((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
    const refused = new Promise<number>((resolve) => {
      socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode ?? 0));
      socket.on('error', () => undefined);
    });
    return { socket, got, closed, refused };
  };
  const init = (payload?: object) => ({ type: 'connection_init', ...(payload ? { payload } : {}) });
  const subscribe = (query: string, id = '1') => ({ id, type: 'subscribe', payload: { query } });

  it('brings each event, completed from the other subgraphs', async () => {
    const socket = client({ authorization: 'Bearer ada' });
    const seen: unknown[] = [];
    const done = (async () => {
      for await (const event of socket.iterate({ query: CHANGES })) {
        seen.push(event);
        if (seen.length === 2) break;
      }
    })();
    await until(() => house.streams() === 1, 'open');
    house.emit('t2');
    house.emit('t1');
    await done;
    expect(seen).toEqual([{ data: { changes: changed(2) } }, { data: { changes: changed(1) } }]);
    await until(() => house.streams() === 0, 'the stream is closed behind a client that left');
    await socket.dispose();
  });

  it('serves queries and mutations', async () => {
    const socket = client();
    const [answer] = await Array.fromAsync(
      socket.iterate({
        query: 'mutation ($t: String!) { rename(id: "t1", title: $t) { title } }',
        variables: { t: 'New' },
      }),
    );
    expect(answer).toEqual({ data: { rename: { title: 'New' } } });
    await socket.dispose();
  });

  it('lets the token win over the cookie', async () => {
    house.tokens.set('grace', somebody('00000000-0000-4000-8000-000000000002'));
    const { got, socket } = speak([init({ authorization: 'Bearer grace' }), subscribe('{ whoAsks }')], {
      origin: ORIGIN,
      headers: { cookie: 'ada' },
    });
    await until(() => got.some(({ type }) => type === 'complete'), 'complete');
    expect(got.find(({ type }) => type === 'next')?.payload).toEqual({
      data: { whoAsks: '00000000-0000-4000-8000-000000000002' },
    });
    socket.close();
  });

  it.each([
    ['a foreign page', { origin: 'https://evil.test' }],
    ['a cookie without a page', { headers: { cookie: 'ada' } }],
    ['a foreign page with a cookie', { origin: 'https://evil.test', headers: { cookie: 'ada' } }],
  ])('refuses the upgrade of %s', async (_name, options) => {
    expect(await speak([], options).refused).toBe(403);
  });

  it('is nowhere under another name or path', async () => {
    expect(await speak([], { headers: { host: 'evil.test' } }).refused).toBe(404);
    const elsewhere = new WebSocket(`${house.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
    const status = await new Promise((resolve) => {
      elsewhere.on('unexpected-response', (_request, answer) => resolve(answer.statusCode));
      elsewhere.on('error', () => undefined);
    });
    expect(status).toBe(404);
  });

  it.each([
    ['a token that does not hold', [init({ authorization: 'Bearer forged' })], 4403],
    ['one under a name in capitals', [init({ Authorization: 'Bearer forged' })], 4403],
    ['a token that is no text', [init({ authorization: ['Bearer forged'] })], 4403],
    ['a caller who cannot be told now', [init({ authorization: 'Bearer away' })], 1013],
    ['a subscription before the introduction', [subscribe(CHANGES)], 4401],
    ['two introductions', [init(), init()], 4429],
    ['what is no message', ['{'], 4400],
  ])('closes on %s', async (_name, messages, code) => {
    expect((await speak(messages).closed).code).toBe(code);
  });

  it.each(['expired', 'revoked'] as const)(
    'closes with 4403 when the session is %s, and does not say complete',
    async (why) => {
      const { got, closed } = speak([init({ authorization: 'Bearer ada' }), subscribe(CHANGES)]);
      await until(() => house.streams() === 1, 'open');
      house.end(why);
      expect((await closed).code).toBe(4403);
      expect(got.map(({ type }) => type)).toEqual(['connection_ack']);
      await until(() => house.streams() === 0, 'closed');
    },
  );

  it('closes with 4403 instead of letting an event out to a reader who has lost a right', async () => {
    const { got, closed } = speak([init({ authorization: 'Bearer ada' }), subscribe(CHANGES)]);
    await until(() => house.streams() === 1, 'open');
    house.tokens.set('ada', { ...somebody(ADA), roles: ['buyer'] });
    house.emit('t1');
    expect((await closed).code).toBe(4403);
    expect(got.map(({ type }) => type)).toEqual(['connection_ack']);
  });

  it('answers a document that does not fit with its error alone', async () => {
    const { got, socket } = speak([init(), subscribe('{ nothing }')]);
    await until(() => got.length === 2, 'an error');
    expect(got[1]).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' }, locations: [{ line: 1, column: 3 }] }],
    });
    socket.close();
  });

  it('opens a hundred operations on a socket, and no more', async () => {
    // Each another one: who ask the same at once share a stream.
    const many = Array.from({ length: 101 }, (_, n) => subscribe(CHANGES.replace('title', `t${n}: title`), String(n)));
    const { got, socket } = speak([init(), ...many]);
    await until(() => got.some(({ type }) => type === 'error'), 'a refusal');
    expect(got.find(({ type }) => type === 'error')).toMatchObject({
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    await until(() => house.streams() === 100, 'the others are open');
    socket.close();
    await until(() => house.streams() === 0, 'all are closed with the socket');
  });

  it('takes no message of a megabyte', async () => {
    const { closed } = speak([init(), subscribe(`{ ${'whoAsks '.repeat(140_000)} }`)]);
    expect(await closed).toMatchObject({ code: 1009, reason: 'A message has at most 524288 bytes.' });
  });

  it('reads no message of four megabytes to its end', async () => {
    const { closed } = speak([init(), subscribe(`{ ${'whoAsks '.repeat(560_000)} }`)]);
    expect((await closed).code).toBe(1009);
  });

  it('says that it goes away when the gateway ends', async () => {
    const { got, closed } = speak([init(), subscribe(CHANGES)]);
    await until(() => got.length === 1, 'acknowledged');
    await house[Symbol.asyncDispose]();
    expect((await closed).code).toBe(1001);
    expect(house.streams()).toBe(0);
  });
});
