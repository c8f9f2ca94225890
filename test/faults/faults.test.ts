import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../ops/demo/client.ts';
import { CREATE_DOWNLOAD } from '../../ops/demo/operations.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { environmentOf, urlsOf } from '../../ops/run/environment.ts';
import { everythingStored } from '../scenarios/bytes.ts';
import { post } from '../scenarios/cast.ts';
import { callerOf, startSystem, type TestSystem } from '../system.ts';
import {
  type Case,
  followThrough,
  overSse,
  overWebSocket,
  patiently,
  type Seen,
  somePhotograph,
  type Transport,
  uploadPatiently,
} from './uploads.ts';

const AUTHOR = 'author@northlight.test';

describe('whatever dies', () => {
  let system: TestSystem;
  let author: Caller;
  let transports: readonly [Transport, Transport];
  const everything: Case[] = [];

  beforeAll(async () => {
    system = await startSystem();
    author = await callerOf(system.ground, AUTHOR);
    const token = await tokenOf(system.ground, AUTHOR);
    const url = `${urlsOf(system.ground).gateway}/graphql`;
    transports = [overSse(url, token), overWebSocket(url, token)];
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  /** Uploads, every fourth with malware, each followed from its first event to its last. */
  const uploadAndFollow = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const made = await uploadPatiently(author, at % 4 === 3);
        everything.push(made);
        return { ...made, events: await followThrough(transports[at % 2 === 0 ? 0 : 1], made.id) };
      }),
    );

  const crash = async (part: string) => {
    await system.kill(part);
    await system.restart(part);
  };

  it('kill -9 of worker, gateway and edge during twenty uploads loses nothing and doubles nothing', async () => {
    let isOver = false;
    const crashing = (async () => {
      for (const part of shuffled(['intake', 'gateway', 'edge', 'intake', 'gateway', 'edge', 'intake', 'gateway'])) {
        await sleep(Math.random() * 1_500);
        await crash(part);
        if (isOver) return;
      }
    })();
    const cases = await uploadAndFollow(20);
    isOver = true;
    await crashing;
    for (const { id, expected, events } of cases) verifyTold(id, expected, events);
  }, 240_000);

  it.each(['clamd', 'redis', 'postgres', 'store'])(
    'a restart of %s during intake costs time and nothing else',
    async (part) => {
      const uploading = uploadAndFollow(6);
      await sleep(300 + Math.random() * 700);
      await system.kill(part);
      await sleep(1_000);
      await system.restart(part);
      for (const { id, expected, events } of await uploading) verifyTold(id, expected, events);
    },
    240_000,
  );

  it('a grant given before the edge died is spent once after it', async () => {
    const { id } = everything.find(({ expected }) => expected === 'READY') ?? { id: '' };
    const { createDownload } = await patiently(() =>
      author.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, { input: { assetId: id } }),
    );
    await crash('edge');
    const answer = await fetch(createDownload.url);
    await answer.arrayBuffer();
    expect([answer.status, (await fetch(createDownload.url)).status]).toEqual([200, 404]);
    const { createDownload: next } = await author.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, {
      input: { assetId: id },
    });
    await system.kill('redis');
    expect((await fetch(next.url)).status).toBeGreaterThanOrEqual(400);
    await system.restart('redis');
    // A restart voids what was given before: a crash cannot revive a spent grant. Until the edge is connected again it refuses.
    const refused = async () => (await fetch(next.url)).status;
    await expect.poll(refused, { timeout: 10_000 }).not.toBe(503);
    expect(await refused()).toBe(404);
  }, 60_000);

  it('what lies in the store in the end is what was decided, and not one object more', async () => {
    const late = somePhotograph(false);
    const { id: finalized, form } = await uploadPatiently(author, false);
    await followThrough(transports[0], finalized);
    everything.push({ id: finalized, expected: 'READY' });
    expect(await post(form.url, form.fields, late)).toBeLessThan(500);
    expect((await everythingStored(system.ground)).filter((entry) => entry.startsWith('incoming '))).not.toEqual([]);
    await runJanitor(system);
    const expected = everything.flatMap(({ id, expected: state }) =>
      state === 'READY'
        ? ['original', 'preview-1280.jpg', 'preview-256.jpg', 'preview-640.jpg'].map((name) => `media ${id} ${name}`)
        : [`quarantine ${id} original`],
    );
    const stored = (await everythingStored(system.ground)).map((entry) => {
      const [bucket = '', key = ''] = entry.split(' ');
      return `${bucket} ${key.split('/').slice(-2).join(' ')}`;
    });
    expect(stored.sort()).toEqual(expected.sort());
  }, 60_000);
});

function verifyTold(id: string, expected: Case['expected'], events: readonly Seen[]): void {
  expect(events.at(-1)?.state, id).toBe(expected);
  expect(
    events.map(({ seq }) => seq),
    'each event once, in order',
  ).toEqual(events.map((_, at) => at + 1));
  const answered = events.filter(
    ({ type, stage, verdict }) => type !== 'PROGRESS' && stage && verdict && verdict !== 'UNKNOWN',
  );
  const stages = answered.map(({ stage }) => stage);
  expect(stages, 'each stage answers once').toEqual([...new Set(stages)]);
  if (expected !== 'READY') expect(events.filter(({ asset }) => asset?.preview)).toEqual([]);
}

/** One round of the janitor that takes nothing for young: nothing runs any more. */
async function runJanitor({ ground }: TestSystem): Promise<void> {
  const entry = fileURLToPath(new URL('../../subgraphs/media/src/workers/janitor.main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', entry, '--once'], {
    cwd: ground.root,
    env: { ...environmentOf(ground, 'janitor'), ASSAY_JANITOR_GRACE_MS: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
