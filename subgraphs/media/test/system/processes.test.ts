import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createLog } from '@assay/telemetry';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../../ops/run/parts/database.ts';
import { photograph } from '../../../../test/fixtures/make.ts';
import { parseJanitorConfig } from '../../src/workers/janitor-config.ts';
import { startJanitor } from '../../src/workers/start-janitor.ts';
import { type House, openHouse, uploadOnly } from './house.ts';
import { author } from './people.ts';
import { storedOf } from './store.ts';
import { startWorkerProcess } from './worker-process.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

describe('a process of media', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  }, 60_000);
  afterAll(() => house?.[Symbol.asyncDispose](), 30_000);

  const run = async (entry: string, args: readonly string[], env: Record<string, string>) => {
    const child = spawn(process.execPath, ['--import', 'tsx', SRC + entry, ...args], {
      env: { PATH: '/usr/bin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: code as number, out, err };
  };
  const storeOf = (user: string) => ({
    ASSAY_STORE_URL: house.parts.running.store?.url ?? '',
    ASSAY_STORE_KEY: user,
    ASSAY_STORE_SECRET: house.parts.ground.secrets(`store-${user}`),
  });

  it('ends within five seconds of SIGTERM, with 0', async () => {
    const worker = await startWorkerProcess(house);
    const from = performance.now();
    await worker[Symbol.asyncDispose]();
    expect(performance.now() - from).toBeLessThan(5_000);
  }, 30_000);

  it('says what its environment lacks, and does not start', async () => {
    const { code, err } = await run('workers/intake.main.ts', [], {});
    expect(code).toBe(1);
    expect(err).toContain('ASSAY_DATABASE_URL_INTAKE_WORKER');
  }, 30_000);

  it('does not start with a role that row security does not bind', async () => {
    const url = await house.bypassUrl('janitor');
    const { code, err } = await run('workers/janitor.main.ts', ['--once'], {
      ...storeOf('janitor'),
      ASSAY_DATABASE_URL_JANITOR: url,
    });
    expect(code).toBe(1);
    expect(err).toContain('bypasses row security');
  }, 30_000);

  it('that is the janitor does one round when told to, and only says so in a dry run', async () => {
    const id = await uploadOnly(house, author, photograph('rocket.jpg'), 'image/jpeg');
    await house.sql(`update media.asset set form_expires_at = now() - interval '2 minutes' where id = $1`, id);
    const env = {
      ...storeOf('janitor'),
      ASSAY_DATABASE_URL_JANITOR: databaseUrl(house.parts.ground, 'janitor'),
      ASSAY_JANITOR_GRACE_MS: '0',
    };
    const dry = await run('workers/janitor.main.ts', ['--once', '--dry-run'], env);
    expect(dry).toMatchObject({ code: 0 });
    expect(JSON.parse(dry.err.split('\n')[0] ?? '')).toMatchObject({ expiredUploads: 1, dryRun: true });
    expect(await storedOf(house, id)).toHaveLength(1);
    const real = await run('workers/janitor.main.ts', ['--once'], env);
    expect(JSON.parse(real.err.split('\n')[0] ?? '')).toMatchObject({
      expiredUploads: 1,
      deletedVersions: 1,
      dryRun: false,
    });
    expect(await storedOf(house, id)).toEqual([]);
  }, 60_000);

  it('that is the janitor is heard of by health while its rounds are whole, and not otherwise', async () => {
    const app = new Client({ connectionString: databaseUrl(house.parts.ground, 'compliance_app') });
    await app.connect();
    const seen = async () =>
      (await app.query('select seen_s < 5 as is_seen from compliance.janitor_health()')).rows[0]?.is_seen;
    const log = createLog('janitor');
    log.level = 'silent';
    const start = (store: string) =>
      startJanitor(
        parseJanitorConfig(
          {
            ...storeOf('janitor'),
            ASSAY_STORE_URL: store,
            ASSAY_METRICS_PORT: '0',
            ASSAY_DATABASE_URL_JANITOR: databaseUrl(house.parts.ground, 'janitor'),
          },
          [],
        ),
        log,
      );
    await house.sql('delete from compliance.heartbeat');
    {
      await using away = await start('http://127.0.0.1:1');
      const figures = async () => (await fetch(`${away.url}/metrics`)).text();
      await expect.poll(figures, { timeout: 10_000 }).toContain('assay_janitor_rounds_total{end="early"} 1');
      expect(await seen()).toBeNull();
    }
    await using _janitor = await start(house.parts.running.store?.url ?? '');
    await expect.poll(seen, { timeout: 10_000 }).toBe(true);
    await app.end();
  }, 60_000);

  it('that is the block list adds, shows and removes, each in the audit trail', async () => {
    const env = { ASSAY_DATABASE_URL_MEDIA_MODERATOR: databaseUrl(house.parts.ground, 'media_moderator') };
    const digest = 'f'.repeat(64);
    const list = (...args: string[]) => run('cli/block-list.ts', args, env);
    expect(await list('add', digest, '--list', 'known-bad', '--absolute', '--note', `it's bad`)).toMatchObject({
      code: 0,
    });
    expect((await list('show', digest)).out).toBe(`${digest} known-bad (absolute) it's bad\n`);
    expect((await list('remove', digest)).out).toContain('is on no list');
    expect((await list('show')).out).toBe('');
    expect((await list('add', 'short')).code).toBe(2);
    expect((await run('cli/block-list.ts', ['show'], {})).code).toBe(2);
    const entries = await house.sql(
      `select actor, action from compliance.audit_entry where subject = $1 order by id`,
      digest,
    );
    expect(entries).toEqual([
      { actor: 'system:operator', action: 'blocklist.add' },
      { actor: 'system:operator', action: 'blocklist.remove' },
    ]);
  }, 60_000);
});
