import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { anonymous, createPrincipalSigner } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPeer } from '../../src/mesh/peer.ts';
import { askHealth, call } from '../../src/mesh/questions.ts';
import { createMeshTransport } from '../../src/mesh/transport.ts';
import { asking, type MeshHouse, openHouse, sign, visitor } from './house.ts';
import { KEY } from './stones.ts';

let house: MeshHouse;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house?.[Symbol.asyncDispose]());

/** Asks with headers of one's own, as somebody with the gateway's certificate could. */
async function ask(query: string, headers: Record<string, string>) {
  const { body } = await house.peer.questions().request({
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return (await body.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
}

const REFUSED = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

describe('a call to a subgraph', () => {
  it('is answered as in one process, entities and the service too', async () => {
    const { data } = await house.transport.execute(asking('{ who }'));
    expect(data).toEqual({ who: visitor.requestId });
    const entities = '{ _entities(representations: [{ __typename: "Stone", id: "7" }]) { ... on Stone { id } } }';
    expect((await house.transport.execute(asking(entities))).data).toEqual({ _entities: [{ id: '7' }] });
    const { data: service } = await house.transport.execute(asking('{ _service { sdl } }'));
    expect(JSON.stringify(service)).toContain('type Stone');
  });

  it('carries no more of who asks than the signed principal, and how long that waits', async () => {
    const seen: Record<string, unknown>[] = [];
    const { cert, key } = await house.authority.issue('stones', 'server', 60_000);
    const server = createServer({ cert, key }, (request, response) => {
      seen.push(request.headers);
      response.setHeader('content-type', 'application/json');
      response.end('{"data":{}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const credentials = await house.credentialsOf('gateway');
    await using peer = openPeer({ name: 'stones', url: new URL(`https://127.0.0.1:${port}`), credentials });
    const transport = createMeshTransport(peer, sign, () => undefined);
    await transport.execute(asking('{ who }', undefined, Date.now() + 5_000));
    expect(Object.keys(seen[0] ?? {}).sort()).toEqual([
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'x-assay-time-left-ms',
    ]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is nobody’s by any other header', async () => {
    const claims = {
      'x-assay-principal': JSON.stringify({ ...visitor, requestId: 'admin' }),
      'x-user-id': 'admin',
      'x-forwarded-user': 'admin',
      cookie: '__Host-session=admin',
    };
    expect(await ask('{ who }', claims)).toMatchObject(REFUSED);
    const authorization = `Bearer ${await sign(visitor)}`;
    expect(await ask('{ who }', { ...claims, authorization })).toEqual({ data: { who: visitor.requestId } });
  });

  it.each([
    ['for another audience', () => createPrincipalSigner(KEY, 'media')(visitor)],
    [
      'with another subgraph’s key',
      () => createPrincipalSigner(Buffer.alloc(32, 1).toString('base64url'), 'stones')(visitor),
    ],
    ['that is none', async () => 'nonsense'],
  ])('is refused with a token %s', async (_what, token) => {
    expect(await ask('{ who }', { authorization: `Bearer ${await token()}` })).toMatchObject(REFUSED);
  });

  it('changes something once: its token, heard on the way, changes nothing a second time', async () => {
    const token = await sign(anonymous('once', null));
    const authorization = `Bearer ${token}`;
    const polished = house.stones.seen.polished;
    expect(await ask('mutation { polish }', { authorization })).toEqual({ data: { polish: polished + 1 } });
    expect(await ask('mutation { polish }', { authorization })).toMatchObject(REFUSED);
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
      expect(await ask('mutation { polish }', { authorization: `Bearer ${token.slice(0, -1)}${last}` })).toMatchObject(
        REFUSED,
      );
    expect(house.stones.seen.polished).toBe(polished + 1);
    expect(await ask('{ who }', { authorization })).toEqual({ data: { who: 'once' } });
  });

  it('hands on how long it is waited for', async () => {
    const { data } = await house.transport.execute(asking('{ patience }', undefined, Date.now() + 4_000));
    expect(data?.['patience']).toBeGreaterThan(3_000);
    expect(data?.['patience']).toBeLessThanOrEqual(4_000);
  });

  it('ends in the subgraph when whoever asked leaves', async () => {
    const leaving = new AbortController();
    const left = house.stones.seen.left;
    const asked = house.stones.seen.asked;
    const answer = house.transport.execute(asking('{ forever }', leaving.signal));
    await expect.poll(() => house.stones.seen.asked).toBe(asked + 1);
    leaving.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
    await expect.poll(() => house.stones.seen.left).toBe(left + 1);
  });

  it('is told apart from everything that is no call', async () => {
    const authorization = `Bearer ${await sign(visitor)}`;
    const status = async (path: string, method: 'GET' | 'POST' | 'PUT', body?: string) => {
      const answer = await house.peer
        .questions()
        .request({ path, method, headers: { authorization }, ...(body === undefined ? {} : { body }) });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await status('/', 'GET')).toBe(404);
    expect(await status('/graphql?query={who}', 'GET')).toBe(404);
    expect(await status('/graphql', 'GET')).toBe(405);
    expect(await status('/graphql', 'POST', '{')).toBe(400);
    expect(await status('/graphql', 'POST', '{"query":1}')).toBe(400);
    expect(await status('/graphql', 'POST', `{"query":"${'#'.repeat(17 * 1024 * 1024)}"}`)).toBe(413);
    expect(await status('/constructor', 'POST', '{}')).toBe(404);
  });

  it('that has begun is answered by a process that is told to end, which then takes no other', async () => {
    await using own = await openHouse();
    const asked = own.transport.execute(asking('{ soon }'));
    await expect.poll(() => own.stones.seen.asked).toBe(1);
    const stopped = own.stop();
    expect((await asked).data).toEqual({ soon: 'now' });
    await stopped;
    await expect(own.transport.execute(asking('{ who }'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('asks for health, and for what a process answers beside GraphQL', async () => {
    expect(await askHealth(house.peer)).toEqual({ quarry: { ok: true, ageMs: 3 } });
    expect(await call(house.peer, '/echo', { one: [1] })).toEqual({ one: [1] });
    await expect(call(house.peer, '/nothing', {})).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });
});

describe('certificates', () => {
  it('are renewed while questions are asked, of which none fails', async () => {
    const lifetimeMs = 5_000;
    await using own = await openHouse(lifetimeMs);
    const until = Date.now() + 1.6 * lifetimeMs;
    const serials = new Set<string>();
    let answers = 0;
    const renewing = setInterval(() => {
      void own.give('stones', 'server', lifetimeMs);
      void own.give('gateway', 'client', lifetimeMs);
    }, lifetimeMs / 4);
    try {
      // Past the life of the first ones, and until enough was seen, however slow the machine is.
      while (Date.now() < until || serials.size <= 4 || answers <= 50) {
        const { data } = await own.transport.execute(asking('{ who }'));
        expect(data).toEqual({ who: visitor.requestId });
        serials.add((await own.credentialsOf('gateway')).current().cert);
        answers += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      clearInterval(renewing);
    }
    expect(own.turnedAway).toEqual([]);
  }, 60_000);

  it('that nobody renews end what was opened with them', async () => {
    await using own = await openHouse(2_000);
    await own.transport.execute(asking('{ who }'));
    await expect
      .poll(
        () =>
          own.transport.execute(asking('{ who }')).then(
            () => 'answered',
            () => 'refused',
          ),
        { timeout: 6_000 },
      )
      .toBe('refused');
  });

  it('that are half written or of somebody else are not taken', async () => {
    await using own = await openHouse();
    const before = (await own.credentialsOf('stones')).current();
    const watched = await own.credentialsOf('stones');
    let renewals = 0;
    watched.onRenewal(() => (renewals += 1));
    const [one, other] = [
      await own.authority.issue('stones', 'server', 60_000),
      await own.authority.issue('stones', 'server', 60_000),
    ];
    await own.put('stones', { ...one, key: other.key });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([watched.current().cert, renewals]).toEqual([before.cert, 0]);
    await own.put('stones', one);
    await expect.poll(() => watched.current().cert).toBe(one.cert);
  });
});
