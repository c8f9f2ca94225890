import { randomBytes } from 'node:crypto';
import { grantKey } from '@assay/licensing/grants/places';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, type Kept, openHouse, redeemed, until } from './house.ts';

let house: House;
let photo: Kept;
beforeAll(async () => {
  house = await openHouse();
  photo = await house.keep(randomBytes(300_000));
}, 30_000);
afterAll(() => house[Symbol.asyncDispose]());

async function scrape(): Promise<string> {
  return (await fetch(house.edge.metricsUrl)).text();
}

/** The figure of a name with its labels as they are printed; 0 where there is none yet. */
async function figureOf(name: string): Promise<number> {
  const line = (await scrape()).split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}

/** By how much figures grow; an answer is counted a moment after its reader has it. */
async function grows(growth: Readonly<Record<string, number>>, work: () => Promise<unknown>): Promise<void> {
  const read = () => Promise.all(Object.keys(growth).map(figureOf));
  const before = await read();
  await work();
  await expect
    .poll(async () => {
      const after = await read();
      return Object.fromEntries(Object.keys(growth).map((name, n) => [name, (after[n] ?? 0) - (before[n] ?? 0)]));
    })
    .toEqual(growth);
}

const redemptions = (outcome: string) => `assay_edge_redemption_duration_seconds_count{outcome="${outcome}"}`;
const downloads = (outcome: string) => `assay_edge_download_duration_seconds_count{outcome="${outcome}"}`;
const answers = (method: string, route: string, status: number) =>
  `http_server_request_duration_seconds_count{http_request_method="${method}",http_route="${route}",http_response_status_code="${status}"}`;
const ask = (url: string, options: RequestInit = {}) => fetch(url, { redirect: 'manual', ...options });

describe('the edge tells in figures', () => {
  it('what comes of grants, which its answers never do', async () => {
    const growth = {
      [redemptions('redeemed')]: 1,
      [redemptions('unknown')]: 2,
      [redemptions('expired')]: 1,
      [redemptions('forged')]: 1,
      [redemptions('failed')]: 0,
      [answers('GET', '/d/{grant}', 303)]: 1,
      [answers('GET', '/d/{grant}', 404)]: 4,
      [answers('HEAD', '/d/{grant}', 200)]: 1,
    };
    await grows(growth, async () => {
      const [good, expired, bent] = [
        await house.grant(photo),
        await house.grant(photo, { expiresAt: Date.now() - 1 }),
        await house.grant(photo),
      ];
      const sealed = (await house.reader.get(grantKey(bent.id))) ?? '';
      await house.reader.set(grantKey(bent.id), sealed.replace('photo.jpg', 'other.jpg'));
      await ask(good.url, { method: 'HEAD' });
      for (const { url } of [good, good, expired, bent]) await ask(url);
      await ask(`${house.edge.url}/d/none`);
    });
  });

  it('how many bytes were sent, of whole files and of ranges', async () => {
    const lease = await redeemed(house, await house.grant(photo));
    const growth = {
      assay_edge_sent_bytes_total: 301_000,
      [downloads('complete')]: 2,
      [answers('GET', '/l/{lease}/{name}', 200)]: 1,
      [answers('GET', '/l/{lease}/{name}', 206)]: 1,
    };
    await grows(growth, async () => {
      await (await ask(lease)).arrayBuffer();
      await (await ask(lease, { headers: { range: 'bytes=0-999' } })).arrayBuffer();
      await ask(lease, { method: 'HEAD' });
    });
  });

  it('downloads that are open, and those whose reader left', async () => {
    const big = await house.keep(randomBytes(60_000_000));
    const lease = await redeemed(house, await house.grant(big));
    await grows({ [downloads('left')]: 1, [downloads('complete')]: 0 }, async () => {
      const leaving = new AbortController();
      const reader = (await ask(lease, { signal: leaving.signal })).body?.getReader();
      await reader?.read();
      expect(await figureOf('assay_edge_open_downloads')).toBe(1);
      leaving.abort();
      await until('the reader has left', async () => (await figureOf('assay_edge_open_downloads')) === 0);
    });
    expect(await figureOf('assay_edge_sent_bytes_total')).toBeGreaterThan(0);
  });

  it('at a door of their own, and at none that clients come to', async () => {
    expect((await ask(`${house.edge.url}/metrics`)).status).toBe(404);
    const answer = await ask(house.edge.metricsUrl);
    expect(answer.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(new URL(house.edge.metricsUrl).hostname).toBe('127.0.0.1');
    expect((await ask(new URL('/', house.edge.metricsUrl).href)).status).toBe(404);
  });

  it('without a token, an asset, or what anybody wrote into an address', async () => {
    const issued = await house.grant(photo);
    const lease = await redeemed(house, issued);
    await ask(`${house.edge.url}/invented/by-anybody`);
    await ask(`${house.edge.url}/d/invented-by-anybody`);
    const told = await scrape();
    for (const secret of [issued.token, issued.id, photo.asset, lease.split('/')[4] ?? '', 'invented'])
      expect(told).not.toContain(secret);
    expect(told).toContain('http_route="other"');
  });

  it('redemptions that failed since the ledger was away', async () => {
    const issued = await house.grant(photo);
    await house.parts.kill('redis');
    const growth = { [redemptions('failed')]: 1, [answers('GET', '/d/{grant}', 503)]: 1 };
    await grows(growth, async () => expect((await ask(issued.url)).status).toBe(503));
  });
});
