import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../ops/demo/client.ts';
import { FINALIZE_UPLOAD } from '../../ops/demo/operations.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { adminUrl } from '../../ops/run/parts/postgres.ts';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { openUpload, post } from '../scenarios/cast.ts';
import { callerOf, startSystem, type TestSystem } from '../system.ts';
import { type Follower, follow } from './followers.ts';
import { somePhotograph } from './uploads.ts';

const AUTHOR = 'author@northlight.test';
const ASSETS = 10;
const FOLLOWERS_OF_EACH = 200;
/** What the pools of the gateway's process hold together, however many read. */
const MOST_CONNECTIONS = 30;

/** Waits until something holds, for at most a minute. */
async function until(holds: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(what());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('two thousand who follow', () => {
  let system: TestSystem;
  let author: Caller;
  let admin: Client;
  const failures: string[] = [];
  const followers: Follower[] = [];

  beforeAll(async () => {
    system = await startSystem();
    author = await callerOf(system.ground, AUTHOR);
    admin = new Client({ connectionString: adminUrl(system.ground).replace(/\/postgres$/, '/assay') });
    await admin.connect();
  });
  afterAll(async () => {
    for (const { leave } of followers) leave();
    await admin?.end();
    await system?.[Symbol.asyncDispose]();
  });

  const gauge = async (name: string): Promise<number> => {
    const text = await (await fetch(urlsOf(system.ground).metrics)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  /** Connections of who serves readers, and those of them that work or wait within a transaction. */
  const connections = async (): Promise<{ all: number; busy: number }> => {
    const { rows } = await admin.query<{ all: number; busy: number }>(
      `select count(*)::int as all, (count(*) filter (where state <> 'idle'))::int as busy
       from pg_stat_activity where usename in ('media_app', 'media_moderator', 'identity_app')`,
    );
    return rows[0] ?? { all: 0, busy: 0 };
  };
  const finalize = async ({ form, bytes }: Awaited<ReturnType<typeof open>>) => {
    expect(await post(form.url, form.fields, bytes)).toBe(204);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await author.ask(FINALIZE_UPLOAD, { input: { assetId: form.assetId, sha256 } });
  };
  const open = async () => {
    const bytes = somePhotograph(false);
    return { bytes, form: await openUpload(author, { name: 'photo.jpg', contentType: 'image/jpeg', bytes }) };
  };

  it('miss nothing and are told nothing twice while assets pass through intake and the gateway is restarted', async () => {
    const uploads = await Promise.all(Array.from({ length: ASSETS }, open));
    const url = `${urlsOf(system.ground).gateway.replace(/^http/, 'ws')}/graphql`;
    const token = await tokenOf(system.ground, AUTHOR);
    for (let nth = 0; nth < FOLLOWERS_OF_EACH; nth += 1)
      for (const { form } of uploads) followers.push(follow(url, token, form.assetId, (what) => failures.push(what)));
    await until(
      () => followers.every(({ seqs }) => seqs.length > 0),
      () =>
        `${followers.filter(({ seqs }) => seqs.length > 0).length} of ${followers.length} have begun. ${failures[0]}`,
    );
    expect(await gauge('assay_gateway_streams')).toBe(followers.length);
    expect(await gauge('assay_gateway_upstream_streams')).toBeLessThanOrEqual(3 * ASSETS);

    await Promise.all(uploads.slice(0, ASSETS / 2).map(finalize));
    await system.stop('gateway');
    await system.restart('gateway');
    await Promise.all(uploads.slice(ASSETS / 2).map(finalize));
    await until(
      () => followers.every(({ state }) => state === 'READY'),
      () => `${followers.filter(({ state }) => state === 'READY').length} have seen the end. ${failures[0]}`,
    );
    expect(failures).toEqual([]);
    expect(followers.filter(({ returns, told }) => returns === 0 || told === 0)).toEqual([]);
    const last = new Map(followers.map(({ assetId, seqs }) => [assetId, seqs.length]));
    for (const { assetId, seqs } of followers)
      expect(seqs).toEqual(Array.from({ length: last.get(assetId) ?? 0 }, (_, nth) => nth + 1));

    for (const { leave } of followers) leave();
    await until(
      async () => (await gauge('assay_gateway_streams')) + (await gauge('assay_gateway_upstream_streams')) === 0,
      () => 'Streams are left open.',
    );
    // Redis answers a wake-up with the number of those who heard it.
    const redis = new Redis(redisUrl(system.ground, 'worker'), { enableReadyCheck: false, disableClientInfo: true });
    const heard = await Promise.all(uploads.map(({ form }) => redis.publish(`wake:asset:${form.assetId}`, '')));
    redis.disconnect();
    expect(heard).toEqual(uploads.map(() => 0));
    await until(
      async () => (await connections()).busy === 0,
      () => 'A connection is still at work.',
    );
    expect((await connections()).all).toBeLessThanOrEqual(MOST_CONNECTIONS);
  }, 180_000);
});
