import { openDatabase } from '@assay/media/adapters/database';
import { connectWakes } from '@assay/media/adapters/redis-wakes';
import { assetChannel } from '@assay/media/events/wake';
import { openRun } from '@assay/media/runs/asset-run';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Caller } from '../../ops/demo/client.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { sharedGround } from '../ground.ts';
import { callerOf } from '../system.ts';
import { openUpload, ROCKET, until } from './cast.ts';

const ground = sharedGround();
const AUTHOR = 'author@northlight.test';
/** Some sixty kilobytes: of such events sockets and kernel hold a hundred or two, and 256 may wait beside them. */
const NAMES_AN_EVENT = 290;
const MOST_EVENTS = 1_500;
const EVENTS_AT_ONCE = 10;

type Field = 'assetEvents' | 'assetProgress';

const follow = (field: Field, assetId: string) =>
  `subscription { ${field}(assetId: "${assetId}") { seq asset { ${Array.from({ length: NAMES_AN_EVENT }, (_, n) => `n${n}: fileName`).join(' ')} } } }`;

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: Readonly<Record<string, { readonly seq: number }>> };
}

/** Reads a stream over a socket of its own: graphql-transport-ws by hand, so that a test may stop reading. */
function read(url: string, token: string, query: string) {
  const seqs: number[] = [];
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
  );
  socket.on('message', (text) => {
    const { type, payload }: Message = JSON.parse(String(text));
    if (type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    const [event] = Object.values(payload?.data ?? {});
    if (event) seqs.push(event.seq);
  });
  return { seqs, socket, closed, newest: () => seqs.at(-1) ?? 0 };
}

describe('a reader who does not read while an asset is worked on', () => {
  let author: Caller;
  let token: string;
  const sockets: WebSocket[] = [];
  beforeAll(async () => {
    author = await callerOf(ground, AUTHOR);
    token = await tokenOf(ground, AUTHOR);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });

  const url = `${urlsOf(ground).gateway.replace(/^http/, 'ws')}/graphql`;
  const open = async (field: Field, assetId: string) => {
    const reader = read(url, token, follow(field, assetId));
    sockets.push(reader.socket);
    await until(
      async () => reader.newest(),
      (seq) => seq > 0,
    );
    return reader;
  };
  /** How many readers of streams were sent away so far. */
  const sentAway = async () => {
    const text = await (await fetch(urlsOf(ground).metrics)).text();
    return Number(/^graphql_rejections_total\{reason="slow"\} (\d+)/m.exec(text)?.[1] ?? 0);
  };
  /** Tells of the asset as its worker does. */
  const openTelling = async (assetId: string) => {
    const stack = new AsyncDisposableStack();
    const database = stack.use(openDatabase(databaseUrl(ground, 'intake_worker'), 2));
    const wakes = stack.use(connectWakes(redisUrl(ground, 'worker'), () => undefined));
    const opened = await openRun(database, assetId, 'test', async () => null);
    if (!opened) throw new Error('There is nothing to tell of.');
    const { run } = opened;
    let done = 0;
    const tell = async (count: number) => {
      for (let nth = 0; nth < count; nth += 1) {
        const progress = { progressDone: BigInt(++done), progressTotal: BigInt(MOST_EVENTS) };
        await run.tell({ type: 'PROGRESS', state: run.asset.state, stage: 'RECEIVE', ...progress });
        wakes.wake(assetChannel(assetId));
      }
    };
    return { tell, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  };

  it('is told the newest of assetProgress and stays; of assetEvents, which promises each, he is sent away with 4408', async () => {
    const { assetId } = await openUpload(author, { ...ROCKET, name: `${'n'.repeat(190)}.jpg` });
    await using telling = await openTelling(assetId);
    // Who reads beside him keeps either stream going.
    const quick = await open('assetEvents', assetId);
    const ahead = await open('assetProgress', assetId);
    const slow = { events: await open('assetEvents', assetId), progress: await open('assetProgress', assetId) };
    const begun = slow.progress.newest();
    for (const { socket } of [slow.events, slow.progress]) socket.pause();
    const before = await sentAway();
    let told = 0;
    for (; (await sentAway()) === before && told < MOST_EVENTS; told += EVENTS_AT_ONCE)
      await telling.tell(EVENTS_AT_ONCE);
    for (const { socket } of [slow.events, slow.progress]) socket.resume();

    expect(await slow.events.closed).toBe(4408);
    await until(
      async () => quick.newest(),
      (seq) => seq === begun + told,
    );
    expect(slow.events.newest()).toBeLessThan(quick.newest());
    for (const { newest } of [ahead, slow.progress])
      await until(
        async () => newest(),
        (seq) => seq === quick.newest(),
      );
    expect(slow.progress.socket.readyState).toBe(WebSocket.OPEN);
    expect(slow.progress.seqs.length).toBeLessThan(ahead.seqs.length);
    expect(slow.progress.seqs).toEqual(slow.progress.seqs.toSorted((one, other) => one - other));

    await telling.tell(1);
    for (const { newest } of [quick, ahead, slow.progress])
      await until(
        async () => newest(),
        (seq) => seq === begun + told + 1,
      );
    // Whoever reads is told each, meanwhile and after.
    expect(quick.seqs).toEqual(Array.from({ length: begun + told + 1 }, (_, nth) => nth + 1));
  });

  it('finds the newest of assetProgress at once when he comes, and after his cursor nothing that he knows', async () => {
    const { assetId } = await openUpload(author, ROCKET);
    await using telling = await openTelling(assetId);
    await telling.tell(3);
    const late = await open('assetProgress', assetId);
    expect(late.seqs).toEqual([4]);
    const { asset } = await author.ask<{ asset: { events: { edges: { cursor: string }[] } } }>(
      'query ($id: ID!) { asset(id: $id) { events(first: 50) { edges { cursor } } } }',
      { id: assetId },
    );
    const cursor = asset.events.edges.at(-1)?.cursor;
    const back = read(
      url,
      token,
      `subscription { assetProgress(assetId: "${assetId}", after: "${cursor}") { seq asset { id } } }`,
    );
    sockets.push(back.socket);
    await until(
      async () => back.socket.readyState,
      (state) => state === WebSocket.OPEN,
    );
    await telling.tell(2);
    await until(
      async () => back.newest(),
      (seq) => seq === 6,
    );
    expect(back.seqs[0]).toBeGreaterThan(4);
  });
});
