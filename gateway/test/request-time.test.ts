import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@assay/compliance';
import { anonymous } from '@assay/principal';
import { openDatabaseSession, type RequestTime } from '@assay/subgraph';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { startParts, type TestParts } from '../../test/parts.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const SLOW = '{ slowThing { title owner { name } } }';

describe('a request', () => {
  let house: DoorsHouse;
  beforeEach(async () => {
    house = await startDoorsHouse({ deadlineMs: 1_000 });
  });
  afterEach(() => house[Symbol.asyncDispose]());

  it('is answered in the end, with what there is by then', async () => {
    const from = performance.now();
    const { status, json } = await house.post({ query: '{ whoAsks slow things { title } }' });
    expect(performance.now() - from).toBeLessThan(3_000);
    expect([status, json.errors?.[0]?.extensions?.['code']]).toEqual([200, 'UPSTREAM_UNAVAILABLE']);
  });

  it('that is quick enough is answered whole', async () => {
    const { json } = await house.post({ query: SLOW });
    expect(json).toEqual({ data: { slowThing: { title: 'Thing 1', owner: { name: 'Owner of p-t1' } } } });
    expect(house.asked).toEqual(['shop', 'people']);
  });

  it('whose client has left asks nobody any more', async () => {
    const leaving = new AbortController();
    const answer = fetch(`${house.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: SLOW }),
      signal: leaving.signal,
    });
    await expect.poll(() => house.asked).toEqual(['shop']);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await wait(700);
    expect(house.asked).toEqual(['shop']);
  });

  it.each([
    [
      'Server-Sent Events',
      async (left: AbortController) => {
        const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
        const body = JSON.stringify({ query: SLOW });
        void fetch(`${house.url}/graphql`, { method: 'POST', headers, body, signal: left.signal }).catch(
          () => undefined,
        );
      },
    ],
    [
      'a WebSocket',
      async (left: AbortController) => {
        const client = createClient({
          url: `${house.url.replace('http', 'ws')}/graphql`,
          webSocketImpl: WebSocket,
          retryAttempts: 0,
        });
        client.subscribe({ query: SLOW }, { next: () => undefined, error: () => undefined, complete: () => undefined });
        left.signal.addEventListener('abort', () => client.terminate());
      },
    ],
  ])('that came by %s asks nobody either', async (_name, ask) => {
    const left = new AbortController();
    await ask(left);
    await expect.poll(() => house.asked).toEqual(['shop']);
    left.abort();
    await wait(700);
    expect(house.asked).toEqual(['shop']);
  });

  it('leaves nothing that listens to a socket when it is answered', async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => void warnings.push(warning.name);
    process.on('warning', note);
    const client = createClient({
      url: `${house.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
    });
    for (let n = 0; n < 30; n += 1)
      await new Promise<void>((resolve) => {
        client.subscribe(
          { query: '{ whoAsks }' },
          { next: () => undefined, error: () => resolve(), complete: () => resolve() },
        );
      });
    await client.dispose();
    process.off('warning', note);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });
});

describe('the database', () => {
  let parts: TestParts;
  let eyes: pg.Client;
  let database: ReturnType<typeof openDatabase>;
  beforeAll(async () => {
    parts = await startParts(['postgres']);
    database = openDatabase(databaseUrl(parts.ground, 'compliance_app'));
    eyes = new pg.Client({ connectionString: databaseUrl(parts.ground, 'compliance_app') });
    await eyes.connect();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await eyes.end();
    await parts[Symbol.asyncDispose]();
  });

  const open = (time: RequestTime) => openDatabaseSession(database, anonymous('request-0', null), time);
  const sleeping = async () =>
    (
      await eyes.query(
        "select 1 from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()",
      )
    ).rowCount;

  it.each(['read', 'write'] as const)('ends a statement of a %s with its request', async (kind) => {
    const session = open({ endsAt: Date.now() + 600 });
    const from = performance.now();
    const slow = session[kind]((tx) => tx.$queryRaw`select pg_sleep(10)::text`);
    await expect.poll(sleeping).toBe(1);
    await expect(slow).rejects.toThrow(/statement timeout/);
    expect(performance.now() - from).toBeLessThan(3_000);
    await expect.poll(sleeping).toBe(0);
    await session.end();
  });

  it('ends the statement of a read as soon as whoever asked leaves, and the connection serves the next', async () => {
    const leaving = new AbortController();
    const session = open({ signal: leaving.signal });
    const slow = session.read((tx) => tx.$queryRaw`select pg_sleep(10)::text`);
    slow.catch(() => undefined);
    await expect.poll(sleeping).toBe(1);
    leaving.abort();
    await expect.poll(sleeping, { timeout: 1_000, interval: 20 }).toBe(0);
    await expect(slow).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await session.end();
    const next = open({});
    await expect(next.read((tx) => tx.$queryRaw`select 1 as one`)).resolves.toEqual([{ one: 1 }]);
    await next.end();
  });

  it('lets a change finish what it has begun, whoever leaves', async () => {
    const leaving = new AbortController();
    const session = open({ signal: leaving.signal });
    const change = session.write((tx) => tx.$queryRaw`select pg_sleep(0.5)::text, 1 as one`);
    await expect.poll(sleeping).toBe(1);
    leaving.abort();
    await expect(change).resolves.toMatchObject([{ one: 1 }]);
    await session.end();
  });

  it('has no connection more after a hundred have left than before', async () => {
    const leave = async () => {
      const leaving = new AbortController();
      const session = open({ signal: leaving.signal });
      const slow = session.read((tx) => tx.$queryRaw`select pg_sleep(10)::text`).catch(() => 'left');
      setTimeout(() => leaving.abort(), Math.random() * 40);
      expect(await slow).toBe('left');
      await session.end();
    };
    for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 10 }, leave));
    const connections = async (which: string) => {
      const { rows } = await eyes.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where usename = current_user and pid <> pg_backend_pid() and ${which}`,
      );
      return rows[0]?.n;
    };
    await expect.poll(() => connections("state <> 'idle'")).toBe(0);
    // Five of the pool, and two that cancel.
    expect(await connections('true')).toBeLessThanOrEqual(7);
  });

  it('begins nothing for whoever has left or waits no longer', async () => {
    for (const time of [{ endsAt: Date.now() - 1 }, { signal: AbortSignal.abort() }]) {
      const session = open(time);
      const over = { code: 'UPSTREAM_UNAVAILABLE' };
      await expect(session.read(() => Promise.reject(new Error('It was begun.')))).rejects.toMatchObject(over);
      await expect(session.write(() => Promise.reject(new Error('It was begun.')))).rejects.toMatchObject(over);
      await session.end();
    }
  });
});
