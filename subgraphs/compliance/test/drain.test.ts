import { Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../ops/run/parts/database.ts';
import { adminUrl } from '../../../ops/run/parts/postgres.ts';
import { redisUrl } from '../../../ops/run/parts/redis.ts';
import { redisEyesUrl, startParts, type TestParts } from '../../../test/parts.ts';
import { drainRedemptions } from '../src/workers/drain.ts';

describe('redemptions on their way into the audit trail', () => {
  let parts: TestParts;
  let admin: Client;
  let pool: Pool;
  let edge: Redis;
  beforeAll(async () => {
    parts = await startParts(['postgres', 'redis']);
    admin = new Client({ connectionString: adminUrl(parts.ground).replace(/\/postgres$/, '/assay') });
    await admin.connect();
    pool = new Pool({ connectionString: databaseUrl(parts.ground, 'audit_writer'), max: 2 });
    edge = new Redis(redisUrl(parts.ground, 'edge'));
  }, 60_000);
  afterAll(async () => {
    edge.disconnect();
    await Promise.all([pool.end(), admin.end()]);
    await parts[Symbol.asyncDispose]();
  });

  const entryOf = (asset: string, request: string) =>
    Object.entries({
      grant: 'g',
      subject: 'u',
      tenant: '',
      asset,
      license: '',
      address: '10.0.0.0/24',
      request,
    }).flat();
  const redeem = (request: string) => edge.xadd('redemptions', '*', ...entryOf('a', request));
  const kept = async () =>
    (
      await admin.query(
        `select request_id from compliance.audit_entry where action = 'download.redeem' order by request_id`,
      )
    ).rows.map((row) => row.request_id);
  const until = async (count: number) => {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline && (await kept()).length < count; )
      await new Promise((resolve) => setTimeout(resolve, 20));
    return kept();
  };
  const run = (target = pool, report: (error: unknown) => void = () => undefined) => {
    const ending = new AbortController();
    const redis = new Redis(redisUrl(parts.ground, 'drain'), { maxRetriesPerRequest: null });
    const done = drainRedemptions(redis, target, ending.signal, report);
    return {
      redis,
      end: async () => {
        ending.abort();
        await done;
        redis.disconnect();
      },
    };
  };

  it('arrive once each, also those from before the drain ran', async () => {
    await redeem('r1');
    const drain = run();
    await until(1);
    await redeem('r2');
    expect(await until(2)).toEqual(['r1', 'r2']);
    await drain.end();
  });

  it('arrive once when the drain is killed between keeping and acknowledging', async () => {
    const killed = run();
    killed.redis.xack = (() => new Promise(() => undefined)) as never;
    await redeem('r3');
    await until(3);
    killed.redis.disconnect();
    const next = run();
    await redeem('r4');
    expect(await until(4)).toEqual(['r1', 'r2', 'r3', 'r4']);
    await next.end();
    const eyes = new Redis(redisEyesUrl(parts.ground));
    expect(await eyes.xlen('redemptions')).toBe(0);
    eyes.disconnect();
  });

  it('are not held up by an entry that is none: it is set aside, told, and shown to health', async () => {
    await edge.xadd('redemptions', '*', 'nothing', 'of ours');
    await edge.xadd('redemptions', '*', ...entryOf('x'.repeat(401), 'too long'));
    await edge.xadd('redemptions', '*', ...entryOf('u\0', 'a character that no column takes'));
    await redeem('r5');
    const told: unknown[] = [];
    const drain = run(pool, (error) => told.push(error));
    expect(await until(5)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
    await drain.end();
    expect(told).toHaveLength(3);
    const { rows } = await admin.query(
      'select content, reason <> $1 as "isReasoned" from compliance.dead_letter order by at',
      [''],
    );
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({ content: '["nothing","of ours"]', isReasoned: true });
    const app = new Pool({ connectionString: databaseUrl(parts.ground, 'compliance_app'), max: 1 });
    const health = (await app.query('select set_aside::int, seen_s < 10 as "isSeen" from compliance.drain_health()'))
      .rows;
    await app.end();
    expect(health).toEqual([{ set_aside: 3, isSeen: true }]);
    const eyes = new Redis(redisEyesUrl(parts.ground));
    expect(await eyes.xlen('redemptions')).toBe(0);
    eyes.disconnect();
  });
});
