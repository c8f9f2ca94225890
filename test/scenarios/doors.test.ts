import { createClient } from 'graphql-ws';
import { beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { Caller } from '../../ops/demo/client.ts';
import { followToRest } from '../../ops/demo/follow.ts';
import { upload } from '../../ops/demo/upload.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { photograph } from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { callerOf } from '../system.ts';

const ground = sharedGround();
const urls = urlsOf(ground);
const graphql = `${urls.gateway}/graphql`;

describe('the doors', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(graphql, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

  it('say live and ready, and name each part', async () => {
    expect((await fetch(`${urls.gateway}/health/live`)).status).toBe(200);
    const ready = async () => {
      const answer = await fetch(`${urls.gateway}/health/ready`);
      const { parts } = (await answer.json()) as { parts: Record<string, { ok: boolean; ageMs: number }> };
      return {
        status: answer.status,
        names: Object.keys(parts),
        down: Object.entries(parts).filter(([, { ok }]) => !ok),
      };
    };
    // The janitor is heard of when its first round is whole.
    await expect.poll(async () => (await ready()).down, { timeout: 10_000 }).toEqual([]);
    const { status, names } = await ready();
    expect(names.join(' ')).toMatch(
      /plan.*media\.store.*compliance\.drain.*compliance\.janitor.*redis.*worker.*moderation.*edge/,
    );
    expect(status).toBe(200);
  });

  it('let health be read only, and know of no other path under it', async () => {
    for (const path of ['/health/live', '/health/ready'])
      for (const method of ['PUT', 'DELETE', 'POST', 'OPTIONS']) {
        const answer = await fetch(`${urls.gateway}${path}`, { method });
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      }
    expect((await fetch(`${urls.gateway}/health/live`, { method: 'HEAD' })).status).toBe(200);
    for (const path of ['/health', '/health/', '/health/nope', '/health/live/more'])
      expect((await fetch(`${urls.gateway}${path}`)).status).toBe(404);
  });

  it('bring who came by an address to the name where signing in works, and nobody anywhere else', async () => {
    const { port } = new URL(urls.gateway);
    const by = (host: string, path: string) => fetch(`http://${host}:${port}${path}`, { redirect: 'manual' });
    for (const path of ['/', '/assets/one?tab=licences', '/graphiql']) {
      const { status, headers } = await by('127.0.0.1', path);
      expect([status, headers.get('location')]).toEqual([307, `${urls.gateway}${path}`]);
      expect((await by('localhost', path)).status).toBe(200);
    }
    expect((await by('127.0.0.1', '/health/live')).status).toBe(200);
    expect((await by('127.0.0.1', '/graphql?query=%7B__typename%7D')).status).not.toBe(307);
  });

  it('show metrics in the OpenMetrics form', async () => {
    const answer = await fetch(urls.metrics);
    expect(answer.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(await answer.text()).toMatch(/process_cpu_user_seconds_total[\s\S]*# EOF/);
  });

  it('answer GraphQL by POST and queries by GET, each with its request id', async () => {
    const posted = await post('{"query":"{ me { id } }"}', { 'x-request-id': 'my-request-1' });
    expect(await posted.json()).toEqual({ data: { me: null } });
    expect(posted.headers.get('x-request-id')).toBe('my-request-1');
    const got = await fetch(`${graphql}?query=${encodeURIComponent('{ __typename }')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(await got.json()).toEqual({ data: { __typename: 'Query' } });
    const mutation = await fetch(`${graphql}?query=${encodeURIComponent('mutation { __typename }')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(mutation.status).toBe(405);
    expect(
      (await post('{"query":"{ me { id } }"}', { 'x-request-id': 'bad id\t!' })).headers.get('x-request-id'),
    ).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    [
      'a megabyte of query',
      JSON.stringify({ query: `{ me { id } } #${'x'.repeat(1_048_576)}` }),
      413,
      413,
      'TOO_COMPLEX',
    ],
    ['no JSON', '{', 400, 400, 'BAD_USER_INPUT'],
    ['no GraphQL', '{"query":"{ me { "}', 400, 200, 'GRAPHQL_PARSE_FAILED'],
    ['a field that is not there', '{"query":"{ me { pasword } }"}', 400, 200, 'GRAPHQL_VALIDATION_FAILED'],
  ])('refuse %s with a clear code, and suggest nothing', async (_what, body, status, statusInJson, code) => {
    const media = { 'application/graphql-response+json': status, 'application/json': statusInJson };
    for (const [accept, expected] of Object.entries(media)) {
      const answer = await post(body, { accept });
      const { errors } = (await answer.json()) as { errors: { message: string; extensions: { code: string } }[] };
      expect([accept, answer.status, errors[0]?.extensions.code]).toEqual([accept, expected, code]);
      expect(JSON.stringify(errors)).not.toMatch(/Did you mean|stacktrace|node_modules/);
    }
  });

  it('answer to no other name than their own', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(graphql, { headers: { host: 'evil.test' } }, (answer) => resolve(answer.statusCode)).end();
    });
    expect(status).toBe(421);
  });

  it.each(['Bearer nonsense', 'Bearer ', 'Basic eDp5'])(
    'never take the credential %j for nobody',
    async (authorization) => {
      const answer = await post('{"query":"{ me { id } }"}', { authorization });
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    },
  );

  it.each([
    '{ _service { sdl } }',
    '{ _entities(representations: [{ __typename: "Asset", id: "1" }]) { __typename } }',
  ])('have no way to the subgraphs: %s', async (query) => {
    const answer = await post(JSON.stringify({ query }));
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  });

  it('serve the console and GraphiQL, with nothing from anywhere else', async () => {
    for (const path of ['/', '/upload', '/graphiql']) {
      const page = await fetch(`${urls.gateway}${path}`);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await page.text()).not.toMatch(/(src|href)="https?:/);
    }
    for (const path of ['/static/../../package.json', '/static/%2e%2e/%2e%2e/package.json', '/package.json']) {
      expect((await fetch(`${urls.gateway}${path}`)).status).toBe(404);
    }
  });
});

describe('events', () => {
  const FOLLOW =
    'subscription ($id: ID!, $after: String) { assetEvents(assetId: $id, after: $after) { cursor seq state asset { id title owner { displayName } } } }';
  let author: Caller;
  let token: string;
  let assetId: string;

  beforeAll(async () => {
    author = await callerOf(ground, 'author@northlight.test');
    token = await tokenOf(ground, 'author@northlight.test');
    assetId = await upload(author, { name: 'rocket.jpg', contentType: 'image/jpeg', bytes: photograph('rocket.jpg') });
    expect(await followToRest(author, assetId, () => undefined)).toBe('READY');
  });

  interface Event {
    readonly assetEvents: {
      cursor: string;
      seq: number;
      state: string;
      asset: { title: string; owner: { displayName: string } };
    };
  }
  const overWebSocket = async (after: string | null, until: string): Promise<Event['assetEvents'][]> => {
    const client = createClient({
      url: graphql.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    const events: Event['assetEvents'][] = [];
    for await (const { data } of client.iterate<Event>({ query: FOLLOW, variables: { id: assetId, after } })) {
      if (data) events.push(data.assetEvents);
      if (data?.assetEvents.state === until) break;
    }
    await client.dispose();
    return events;
  };

  it('are replayed whole, numbered without a hole, with what other subgraphs know', async () => {
    const events = await overWebSocket(null, 'READY');
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({
      state: 'READY',
      asset: { title: 'rocket.jpg', owner: { displayName: 'Nora Author' } },
    });
  });

  it('resume after a cursor, each exactly once, over both transports', async () => {
    const all = await overWebSocket(null, 'READY');
    const rest = await overWebSocket(all[2]?.cursor ?? null, 'READY');
    expect(rest.map(({ seq }) => seq)).toEqual(all.slice(3).map(({ seq }) => seq));
    const seen: number[] = [];
    for await (const { assetEvents } of author.follow<Event>(
      FOLLOW,
      { id: assetId, after: all[2]?.cursor },
      AbortSignal.timeout(10_000),
    )) {
      seen.push(assetEvents.seq);
      if (assetEvents.state === 'READY') break;
    }
    expect(seen).toEqual(rest.map(({ seq }) => seq));
  });

  it.each(['author@tidepool.test', 'buyer@tidepool.test', 'platform@assay.test'])(
    'of a hidden asset are NOT_FOUND to %s',
    async (email) => {
      const other = await callerOf(ground, email);
      const stream = other.follow(FOLLOW, { id: assetId }, AbortSignal.timeout(10_000));
      await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow(/no such asset/i);
    },
  );

  it('end within five seconds of the session’s revocation, with 4403', async () => {
    const { sessions } = await author.ask<{ sessions: { id: string; current: boolean }[] }>(
      '{ sessions { id current } }',
    );
    const mine = await tokenOf(ground, 'author@northlight.test');
    const closed = new Promise<number>((resolve) => {
      const socket = new WebSocket(graphql.replace('http', 'ws'), 'graphql-transport-ws');
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${mine}` } })),
      );
      socket.on('message', (data) => {
        if (JSON.parse(String(data)).type === 'connection_ack')
          socket.send(
            JSON.stringify({ id: '1', type: 'subscribe', payload: { query: FOLLOW, variables: { id: assetId } } }),
          );
      });
      socket.on('close', (code) => resolve(code));
    });
    const known = new Set(sessions.map(({ id }) => id));
    let fresh: string | undefined;
    for (const deadline = Date.now() + 10_000; !fresh && Date.now() < deadline; ) {
      const { sessions: now } = await author.ask<{ sessions: { id: string }[] }>('{ sessions { id } }');
      fresh = now.find(({ id }) => !known.has(id))?.id;
    }
    const from = Date.now();
    await author.ask('mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { session { id } } }', {
      id: fresh,
    });
    expect(await closed).toBe(4403);
    expect(Date.now() - from).toBeLessThan(5_000);
    const after = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${mine}` },
      body: '{"query":"{ me { id } }"}',
    });
    expect(await after.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it('close a socket with a token that does not hold, with 4403', async () => {
    const code = await new Promise((resolve) => {
      const socket = new WebSocket(graphql.replace('http', 'ws'), 'graphql-transport-ws');
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: 'Bearer forged' } })),
      );
      socket.on('close', resolve);
    });
    expect(code).toBe(4403);
  });

  it('refuse an upgrade from a foreign page', async () => {
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(graphql.replace('http', 'ws'), 'graphql-transport-ws', {
        origin: 'http://evil.test',
      });
      socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode));
      socket.on('open', () => resolve('open'));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(403);
  });
});
