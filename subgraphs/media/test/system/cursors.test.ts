import { setTimeout as sleep } from 'node:timers/promises';
import { type Actor, withTenant } from '@assay/database';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../../ops/run/parts/database.ts';
import { lockAsset, tell } from '../../src/assets/write.ts';
import { type House, openHouse, until } from './house.ts';
import { author, moderator } from './people.ts';
import { seedAsset } from './seeding.ts';

const FOLLOW = /* GraphQL */ `subscription ($assetId: ID!, $after: String) { assetEvents(assetId: $assetId, after: $after) { cursor seq type state } }`;
const EVENTS = /* GraphQL */ `query ($id: ID!, $after: String) { asset(id: $id) { events(first: 200, after: $after) { edges { cursor node { seq } } pageInfo { hasNextPage } } } }`;

interface Told {
  assetEvents: { cursor: string; seq: number; type: string; state: string };
}

describe('a cursor', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse(['postgres', 'redis']);
  }, 60_000);
  afterAll(() => house?.[Symbol.asyncDispose](), 30_000);

  const change = (id: string) =>
    withTenant(house.deps.database, author, async (tx) => {
      await lockAsset(tx, id);
      await tell(tx, id, { type: 'PUBLISHED', state: 'READY' });
    });
  const seqs = async (id: string, after?: string) => {
    const { data } = await house.ask<{ asset: { events: { edges: { cursor: string; node: { seq: number } }[] } } }>(
      author,
      EVENTS,
      { id, after },
    );
    return data.asset.events.edges;
  };

  it('never passes an event whose transaction began earlier and commits later', async () => {
    const [slow, quick] = [await newAsset(), await newAsset()];
    await using older = await connection(house, author);
    // It has its number, lower than the next one's, and has not committed.
    await older.client.query('begin');
    await older.become();
    await older.client.query('select media.lock_asset($1)', [slow]);
    await older.client.query(
      `insert into media.asset_event (asset_id, type, state) values ($1, 'PUBLISHED', 'READY')`,
      [slow],
    );
    await change(quick);

    expect((await seqs(quick)).map(({ node }) => node.seq)).toEqual([1]);
    await older.client.query('commit');
    const [slowEvents, quickEvents] = [await seqs(slow), await seqs(quick)];
    expect(slowEvents.map(({ node }) => node.seq)).toEqual([1, 2]);
    expect(quickEvents.map(({ node }) => node.seq)).toEqual([1, 2]);
    const placeOf = (cursor = '') => Buffer.from(cursor, 'base64url').toString().split('.').map(Number);
    expect(placeOf(slowEvents[1]?.cursor)[0]).toBeLessThan(placeOf(quickEvents[1]?.cursor)[0] ?? 0);
  });

  it('of the moderators never passes one either, over all assets', async () => {
    const [slow, quick] = [await seedAsset(house, quarantined), await seedAsset(house, quarantined)];
    const seen: string[] = [];
    const stream = await house.follow(moderator, 'subscription { moderationEvents { cursor assetId state } }');
    const reading = (async () => {
      if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
      for await (const { data } of stream) {
        seen.push((data as { moderationEvents: { assetId: string } }).moderationEvents.assetId);
        if (seen.length === 2) return;
      }
    })();
    await using older = await connection(house, moderator, 'media_moderator');
    await older.client.query('begin');
    await older.become();
    await older.client.query(`select media.moderate($1, 'REJECT', 'it is')`, [slow]);
    const rejected = await house.ask(moderator, REJECT, {
      input: { assetId: quick, verdict: 'REJECT', reason: 'it is' },
    });
    expect(rejected.errors).toBeUndefined();
    await sleep(300);
    expect(seen).toEqual([]);
    await older.client.query('commit');
    await reading;
    expect(seen).toEqual([slow, quick]);
  });

  it('begins a stream behind what was seen: each event once, in order, also those of the time between', async () => {
    const id = await newAsset();
    const seen: number[] = [];
    let after: string | undefined;
    const writing = (async () => {
      for (let count = 0; count < 60; count += 1) {
        await change(id);
        if (count % 7 === 0) house.deps.wakes.wake(`wake:asset:${id}`);
      }
    })();
    while (seen.length < 61) {
      const stream = await house.follow(author, FOLLOW, { assetId: id, after });
      if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
      let taken = 0;
      for await (const { data, errors } of stream) {
        expect(errors).toBeUndefined();
        const { assetEvents } = data as unknown as Told;
        seen.push(assetEvents.seq);
        after = assetEvents.cursor;
        // The line breaks here, at whichever event.
        if ((taken += 1) >= 1 + Math.floor(Math.random() * 9) || seen.length === 61) break;
      }
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
  });

  it('that this API never gave out is BAD_USER_INPUT', async () => {
    const id = await newAsset();
    for (const after of [
      '',
      'x',
      Buffer.from('1.1;drop').toString('base64url'),
      Buffer.from('99999999999999999999999.1').toString('base64url'),
      Buffer.from('-1.1').toString('base64url'),
    ]) {
      const { code } = await house.ask(author, EVENTS, { id, after });
      expect(code, after).toBe(after === '' ? undefined : 'BAD_USER_INPUT');
    }
    const stream = await house.follow(author, FOLLOW, { assetId: id, after: 'x' });
    expect(stream).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('leaves nothing behind when its stream ends, whether events came or not', async () => {
    const id = await newAsset();
    const streams = await Promise.all(Array.from({ length: 30 }, () => house.follow(author, FOLLOW, { assetId: id })));
    const iterators = streams.map((stream) => {
      if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
      return stream[Symbol.asyncIterator]();
    });
    await Promise.all(iterators.map((iterator) => iterator.next()));
    expect(house.deps.wakes.channels).toBe(1);
    // Half of them wait for an event that never comes.
    const waiting = iterators.slice(15).map((iterator) => iterator.next());
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual(Array(15).fill(true));
    expect(house.deps.wakes.channels).toBe(0);
    const idle = () =>
      house.sql<{ busy: string }>(
        `select count(*) as busy from pg_stat_activity where usename = 'media_app' and state like 'idle in transaction%'`,
      );
    await until(idle, ([row]) => row?.busy === '0', 'A transaction stays open');
  });

  it('is refused to whoever may not follow: hidden assets do not exist', async () => {
    const id = await newAsset();
    const { visitor, otherAuthor, reviewer } = await import('./people.ts');
    for (const who of [visitor, otherAuthor, reviewer, moderator]) {
      const stream = await house.follow(who, FOLLOW, { assetId: id });
      expect(stream).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    }
    const onSale = await seedAsset(house, { owner: author, state: 'READY', visibility: 'MARKETPLACE' });
    expect(await house.follow(otherAuthor, FOLLOW, { assetId: onSale })).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await house.follow(visitor, FOLLOW, { assetId: onSale })).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(await house.follow(author, 'subscription { moderationEvents { seq } }')).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  });

  const quarantined = { owner: author, state: 'QUARANTINED', visibility: 'PRIVATE' } as const;
  const newAsset = () => seedAsset(house, { owner: author, state: 'READY', visibility: 'PRIVATE' });
});

const REJECT = /* GraphQL */ `mutation ($input: ModerateAssetInput!) { moderateAsset(input: $input) { asset { state } } }`;

/** A connection of one's own, to hold a transaction open. */
async function connection(house: House, who: Actor, role: 'media_app' | 'media_moderator' = 'media_app') {
  const { settingsOf } = await import('@assay/database');
  const client = new Client({ connectionString: databaseUrl(house.parts.ground, role) });
  await client.connect();
  return {
    client,
    become: async () => {
      for (const [name, value] of Object.entries(settingsOf(who)))
        await client.query('select set_config($1, $2, true)', [`assay.${name}`, value]);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}
