import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eicar, photograph } from '../../../../test/fixtures/make.ts';
import type { PartName } from '../../../../test/parts.ts';
import { type House, openHouse, rest, until, upload } from './house.ts';
import { author } from './people.ts';
import { storedOf } from './store.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

interface Case {
  readonly id: string;
  readonly expected: 'READY' | 'QUARANTINED';
}

describe('intake', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  }, 60_000);
  afterAll(() => house?.[Symbol.asyncDispose](), 30_000);

  /** Photographs, every fourth with malware behind its end. */
  const uploadMany = async (count: number): Promise<Case[]> => {
    const cases: Case[] = [];
    for (let made = 0; made < count; made += 1) {
      const isBad = made % 4 === 3;
      const photo = photograph('rocket.jpg');
      const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 18]), randomBytes(16)]);
      const parts = [photo.subarray(0, 2), comment, photo.subarray(2), ...(isBad ? [eicar()] : [])];
      const id = await upload(house, author, Buffer.concat(parts), 'image/jpeg', `photo-${made}.jpg`);
      cases.push({ id, expected: isBad ? 'QUARANTINED' : 'READY' });
    }
    return cases;
  };

  const verifyEnds = async (cases: readonly Case[], patienceMs: number) => {
    for (const { id, expected } of cases) expect(await rest(house, id, patienceMs), id).toBe(expected);
    for (const { id, expected } of cases) await verifyTold(id, expected);
  };

  const verifyTold = async (id: string, expected: Case['expected']) => {
    const events = await house.sql<{
      seq: number;
      type: string;
      state: string;
      stage: string | null;
      verdict: string | null;
    }>(
      `select owner_seq as seq, type, state, stage, verdict from media.asset_event where asset_id = $1 and owner_seq is not null order by tx, id`,
      id,
    );
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.state).toBe(expected);
    const answered = events.filter(
      ({ type, verdict }) => type !== 'PROGRESS' && verdict !== null && verdict !== 'UNKNOWN',
    );
    const told = answered.map(({ stage }) => stage);
    expect(told, 'each stage answers once').toEqual([...new Set(told)]);
    const previews = await house.sql(`select from media.rendition where asset_id = $1 and purpose = 'PREVIEW'`, id);
    expect(previews).toHaveLength(expected === 'READY' ? 3 : 0);
    const stored =
      expected === 'READY'
        ? ['media original', 'media preview-1280.jpg', 'media preview-256.jpg', 'media preview-640.jpg']
        : ['quarantine original'];
    await until(
      () => storedOf(house, id),
      (found) => JSON.stringify(found) === JSON.stringify(stored),
      `${id} left orphans`,
    );
  };

  it('loses nothing to a worker that is killed at random, again and again', async () => {
    let worker: WorkerProcess | undefined;
    let isOver = false;
    const killing = (async () => {
      for (let times = 0; times < 6; times += 1) {
        worker = await startWorkerProcess(house);
        await sleep(200 + Math.random() * 1_500);
        await worker.kill();
      }
      if (!isOver) worker = await startWorkerProcess(house);
    })();
    const cases = await uploadMany(20);
    await killing;
    await verifyEnds(cases, 60_000);
    isOver = true;
    await worker?.[Symbol.asyncDispose]();
    expect(await house.sql('select from graphile_worker._private_jobs where locked_at is not null')).toEqual([]);
  }, 180_000);

  it.each<PartName>(['clamd', 'store', 'redis', 'postgres'])(
    'gets over a restart of %s',
    async (part) => {
      await using _worker = await startWorkerProcess(house);
      const cases = await uploadMany(8);
      await house.parts.kill(part);
      await sleep(1_500);
      await house.parts.restart(part);
      if (part === 'postgres') await house.reconnect();
      cases.push(...(await uploadMany(4)));
      await verifyEnds(cases, 90_000);
    },
    180_000,
  );

  it('goes on once, with however many workers at one asset', async () => {
    const cases = await uploadMany(4);
    for (const { id } of cases) {
      for (let more = 0; more < 4; more += 1) {
        await house.sql(`select graphile_worker.add_job('intake', json_build_object('asset', $1::text))`, id);
      }
    }
    await using _first = await startWorkerProcess(house, { ASSAY_INTAKE_CONCURRENCY: '6' });
    await using _second = await startWorkerProcess(house, { ASSAY_INTAKE_CONCURRENCY: '6' });
    await verifyEnds(cases, 60_000);
  }, 120_000);

  it('takes jobs of a worker that was killed within seconds', async () => {
    const first = await startWorkerProcess(house);
    const id = await upload(house, author, photograph('rocket.jpg'), 'image/jpeg');
    await first.kill();
    await using _second = await startWorkerProcess(house);
    expect(await rest(house, id, 20_000)).toBe('READY');
  }, 60_000);
});
