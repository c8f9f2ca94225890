import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse, redeemed, until } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await openHouse();
}, 60_000);
afterEach(() => house[Symbol.asyncDispose]());

const statusOf = async (url: string) => (await fetch(url, { redirect: 'manual' })).status;

/** Reads a little at a time, as a slow client does, until the connection ends. */
function slowDownload(lease: string): { readonly begun: Promise<void>; readonly ended: Promise<{ bytes: number }> } {
  const { hostname, port, pathname } = new URL(lease);
  const socket = connect(Number(port), hostname);
  let bytes = 0;
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: slow\r\n\r\n`);
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    socket.pause();
    setTimeout(() => socket.resume(), 20);
  });
  socket.on('error', () => undefined);
  const begun = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  const ended = new Promise<{ bytes: number }>((resolve) => socket.on('close', () => resolve({ bytes })));
  return { begun, ended };
}

describe('Redis', () => {
  it('killed and started again revives no spent grant, and voids those it brings back', async () => {
    const kept = await house.keep(randomBytes(1_000));
    const spent = await house.grant(kept);
    const waiting = await house.grant(kept);
    const lease = await redeemed(house, spent);
    await house.parts.kill('redis');
    expect(await statusOf(spent.url)).toBe(503);
    await house.parts.restart('redis');
    await until('the edge is back', async () => (await fetch(`${house.edge.url}/health/ready`)).ok);
    expect(await house.reader.get(`grant:${waiting.id}`)).toContain(waiting.id);
    expect(await statusOf(spent.url)).toBe(404);
    expect(await statusOf(waiting.url)).toBe(404);
    expect(await statusOf(lease)).toBe(404);
    expect(await statusOf((await house.grant(kept)).url)).toBe(303);
  }, 30_000);

  it('silent: a crowd is told within one patience, and nobody sits through two', async () => {
    const issued = await house.grant(await house.keep(randomBytes(1_000)));
    const pid = Number(/process_id:(\d+)/.exec(await house.reader.info('server'))?.[1]);
    process.kill(pid, 'SIGSTOP');
    try {
      const urls = [issued.url, ...Array.from({ length: 150 }, (_, i) => `${house.edge.url}/d/none${i}`)];
      const from = performance.now();
      expect(new Set(await Promise.all(urls.map(statusOf)))).toEqual(new Set([503]));
      expect(performance.now() - from).toBeLessThan(3_500);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await until('the edge is back', async () => (await fetch(`${house.edge.url}/health/ready`)).ok);
  }, 30_000);

  it('away: nothing is served, and the answer says nothing but to come again', async () => {
    const kept = await house.keep(randomBytes(1_000));
    const lease = await redeemed(house, await house.grant(kept));
    const preview = house.previews.sign(
      { key: kept.key.replace('original', 'preview-640.jpg'), epoch: '0' },
      Date.now() + 60_000,
    );
    const waiting = await house.grant(kept);
    await house.parts.kill('redis');
    for (const url of [waiting.url, lease, `${house.edge.url}/p/${preview}`]) {
      const response = await fetch(url, { redirect: 'manual' });
      expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
        503,
        '5',
        'Not available now.\n',
      ]);
    }
    expect(await statusOf(`${house.edge.url}/health/ready`)).toBe(503);
    expect(await statusOf(`${house.edge.url}/health/live`)).toBe(200);
  }, 30_000);

  it('gone during a download ends it within five seconds', async () => {
    const big = await house.keep(randomBytes(60_000_000));
    const lease = await redeemed(house, await house.grant(big), { 'user-agent': 'slow' });
    const download = slowDownload(lease);
    await download.begun;
    await house.parts.kill('redis');
    const killed = performance.now();
    const { bytes } = await download.ended;
    expect(performance.now() - killed).toBeLessThan(5_000);
    expect(bytes).toBeLessThan(60_000_000);
  }, 30_000);
});

describe('a quarantine', () => {
  it('stops a running download within five seconds', async () => {
    const big = await house.keep(randomBytes(60_000_000));
    const lease = await redeemed(house, await house.grant(big), { 'user-agent': 'slow' });
    const download = slowDownload(lease);
    await download.begun;
    await house.worker.set(`epoch:asset:${big.asset}`, '1');
    const bumped = performance.now();
    const { bytes } = await download.ended;
    expect(performance.now() - bumped).toBeLessThan(5_000);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(60_000_000);
    expect(await statusOf(lease)).toBe(404);
  }, 30_000);
});

describe('the store', () => {
  it('away: the download is refused, its bytes are given back, and it works again afterwards', async () => {
    const kept = await house.keep(randomBytes(1_000));
    const lease = await redeemed(house, await house.grant(kept));
    await house.parts.kill('store');
    for (let i = 0; i < 5; i++) expect(await statusOf(lease)).toBe(503);
    await house.parts.restart('store');
    expect(await statusOf(lease)).toBe(200);
    expect(await statusOf(lease)).toBe(200);
    expect(await statusOf(lease)).toBe(404);
  }, 30_000);
});

describe('a client', () => {
  it('that opens a connection and says nothing is hung up on', async () => {
    const { hostname, port } = new URL(house.edge.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /d/x HTTP/1.1\r\nHost: x\r\n');
    const from = performance.now();
    socket.resume();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(performance.now() - from).toBeLessThan(14_000);
  }, 20_000);
});

describe('the promised pace', () => {
  it('is kept for links that redeem nothing: each is counted once', async () => {
    await using small = await openHouse({ requestsPerSecond: 50 });
    const answers = await Promise.all(
      Array.from({ length: 45 }, () => fetch(`${small.edge.url}/d/none`, { redirect: 'manual' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(45).fill(404));
  });
});

describe('a flood from one address', () => {
  it('meets 429, and what was promised still gets through', async () => {
    await using small = await openHouse({ requestsPerSecond: 50 });
    const ask = () => fetch(`${small.edge.url}/d/none`, { redirect: 'manual' });
    const answers = await Promise.all(Array.from({ length: 300 }, ask));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(100);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    await until('the flood is over', async () => (await ask()).status === 404);
  }, 30_000);
});
