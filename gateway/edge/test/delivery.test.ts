import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digest, type House, type Kept, openHouse, redeemed } from './house.ts';

let house: House;
let photo: Kept;

beforeAll(async () => {
  house = await openHouse();
  photo = await house.keep(randomBytes(300_000));
}, 30_000);
afterAll(() => house[Symbol.asyncDispose]());

describe('a download', () => {
  it('is the file as it was stored, under its name, and nothing a browser would run or keep', async () => {
    const lease = await redeemed(house, await house.grant(photo, { fileName: 'Straße & Hafen.jpg' }));
    expect(new URL(lease).pathname).toMatch(/^\/l\/[\w-]{43}\/Stra%C3%9Fe%20%26%20Hafen\.jpg$/);
    const response = await fetch(lease);
    expect(response.status).toBe(200);
    expect(digest(await response.arrayBuffer())).toBe(digest(photo.bytes));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'content-disposition': `attachment; filename="Stra_e & Hafen.jpg"; filename*=UTF-8''Stra%C3%9Fe%20%26%20Hafen.jpg`,
      'content-length': '300000',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'content-type': 'image/jpeg',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is the version that was granted, whatever was stored under the key afterwards', async () => {
    const kept = await house.keep(randomBytes(5_000));
    const issued = await house.grant(kept);
    await house.keep(randomBytes(5_000), kept.key);
    const lease = await redeemed(house, issued);
    expect(digest(await (await fetch(lease)).arrayBuffer())).toBe(digest(kept.bytes));
  });

  it('leaves one entry in the stream of redemptions', async () => {
    const issued = await house.grant(photo);
    const redirect = await fetch(issued.url, { redirect: 'manual' });
    await house.drain.xgroup('CREATE', 'redemptions', 'test', '0');
    const answer = await house.drain.xreadgroup('GROUP', 'test', 'test', 'COUNT', 1_000, 'STREAMS', 'redemptions', '>');
    const entries = (answer as [string, [string, string[]][]][])[0]?.[1] ?? [];
    const ours = entries.map(([, fields]) => fields).filter((fields) => fields.includes(issued.grant.subject));
    expect(ours).toHaveLength(1);
    const pairs = Object.fromEntries(Array.from({ length: 5 }, (_, i) => ours[0]?.slice(2 * i, 2 * i + 2) ?? []));
    const { subject, tenant, asset } = issued.grant;
    expect(pairs).toEqual({
      subject,
      tenant,
      asset,
      address: '127.0.0.0/24',
      request: redirect.headers.get('x-request-id'),
    });
  });

  it.each([
    ['a redirect', async () => (await house.grant(photo)).url, 303],
    ['a file', async () => redeemed(house, await house.grant(photo)), 200],
    ['an unknown link', () => `${house.edge.url}/d/none`, 404],
    ['a path that is none', () => `${house.edge.url}/d/no%20ne`, 404],
    ['health', () => `${house.edge.url}/health/ready`, 200],
  ])('carries its request id on %s, the caller’s own where it can be one', async (_what, urlOf, status) => {
    const headers = { 'x-request-id': 'order-4711.a' };
    const own = await fetch(await urlOf(), { redirect: 'manual', headers });
    expect([own.status, own.headers.get('x-request-id')]).toEqual([status, 'order-4711.a']);
    const bent = await fetch(await urlOf(), { redirect: 'manual', headers: { 'x-request-id': 'a b\tc' } });
    expect(bent.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('a grant', () => {
  it('has one winner of a hundred who come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const issued = await house.grant(photo);
      const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(issued.url, { redirect: 'manual' })));
      const statuses = answers.map((answer) => answer.status);
      expect(statuses.filter((status) => status === 303)).toHaveLength(1);
      expect(statuses.filter((status) => status === 404)).toHaveLength(99);
    }
  });

  it('is not spent by HEAD, which says what there is', async () => {
    const issued = await house.grant(photo);
    for (let i = 0; i < 3; i++) {
      const head = await fetch(issued.url, { method: 'HEAD', redirect: 'manual' });
      expect(head.status).toBe(200);
      expect(head.headers.get('content-length')).toBe('300000');
    }
    const lease = await redeemed(house, issued);
    const head = await fetch(lease, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect((await fetch(issued.url, { method: 'HEAD' })).status).toBe(404);
  });

  it('that was sealed to end is over, whatever Redis says of its age', async () => {
    const issued = await house.grant(photo, { expiresAt: Date.now() - 1 });
    expect((await fetch(issued.url, { redirect: 'manual' })).status).toBe(404);
  });

  it('is void once the epoch of its asset or its licence has moved', async () => {
    const byAsset = await house.grant(photo, { assetEpoch: '7' });
    expect((await fetch(byAsset.url, { redirect: 'manual' })).status).toBe(404);
    const byLicense = await house.grant(photo, { licenseEpoch: '7' });
    expect((await fetch(byLicense.url, { redirect: 'manual' })).status).toBe(404);
    const lease = await redeemed(house, await house.grant(photo));
    await house.worker.set(`epoch:asset:${photo.asset}`, '1');
    expect((await fetch(lease)).status).toBe(404);
    await house.worker.set(`epoch:asset:${photo.asset}`, '0');
  });
});

describe('a lease', () => {
  const part = async (lease: string, range: string, headers: Record<string, string> = {}) => {
    const response = await fetch(lease, { headers: { range, ...headers } });
    return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  it('serves ranges', async () => {
    const lease = await redeemed(house, await house.grant(photo));
    const middle = await part(lease, 'bytes=1000-1999');
    expect(middle.status).toBe(206);
    expect(middle.headers.get('content-range')).toBe('bytes 1000-1999/300000');
    expect(middle.headers.get('content-length')).toBe('1000');
    expect(digest(middle.bytes)).toBe(digest(photo.bytes.subarray(1000, 2000)));
    expect(digest((await part(lease, 'bytes=-10')).bytes)).toBe(digest(photo.bytes.subarray(-10)));
    expect(digest((await part(lease, 'bytes=299990-')).bytes)).toBe(digest(photo.bytes.subarray(299_990)));
    const beyond = await part(lease, 'bytes=300000-');
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */300000']);
  });

  it('continues a download only where the file is still the same', async () => {
    const lease = await redeemed(house, await house.grant(photo));
    const etag = (await fetch(lease, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect((await part(lease, 'bytes=0-9', { 'if-range': etag })).status).toBe(206);
    const other = await part(lease, 'bytes=0-9', { 'if-range': '"another"' });
    expect([other.status, other.bytes.byteLength]).toEqual([200, 300_000]);
  });

  it('is good for twice the file and not a byte more', async () => {
    const lease = await redeemed(house, await house.grant(photo));
    expect((await part(lease, 'bytes=0-')).status).toBe(206);
    expect((await part(lease, 'bytes=0-299998')).status).toBe(206);
    expect((await part(lease, 'bytes=0-1')).status).toBe(404);
    expect((await fetch(lease)).status).toBe(404);
    expect((await part(lease, 'bytes=7-7')).status).toBe(206);
    expect((await part(lease, 'bytes=7-7')).status).toBe(404);
    expect((await fetch(lease, { method: 'HEAD' })).status).toBe(200);
  });

  it('cannot be outrun by many ranges at once', async () => {
    const lease = await redeemed(house, await house.grant(photo));
    const parts = await Promise.all(Array.from({ length: 40 }, () => part(lease, 'bytes=0-99999')));
    const served = parts.filter(({ status }) => status === 206);
    expect(served).toHaveLength(6);
    expect(parts.filter(({ status }) => status === 404)).toHaveLength(34);
  });

  it('belongs to who redeemed it: another user agent or name gets nothing', async () => {
    const lease = await redeemed(house, await house.grant(photo), { 'user-agent': 'one' });
    expect((await fetch(lease, { headers: { 'user-agent': 'two' } })).status).toBe(404);
    expect((await fetch(lease.replace('photo.jpg', 'photo.exe'), { headers: { 'user-agent': 'one' } })).status).toBe(
      404,
    );
    expect((await fetch(lease, { headers: { 'user-agent': 'one' } })).status).toBe(200);
  });

  it('gives back what a client that left did not take', async () => {
    const big = await house.keep(randomBytes(40_000_000));
    const issued = await house.grant(big);
    const lease = await redeemed(house, issued);
    for (let i = 0; i < 6; i++) {
      const leaving = new AbortController();
      const response = await fetch(lease, { signal: leaving.signal });
      await response.body?.getReader().read();
      leaving.abort();
    }
    const deadline = Date.now() + 5_000;
    let whole = 404;
    while (whole !== 200 && Date.now() < deadline) {
      const response = await fetch(lease);
      whole = response.status;
      const bytes = await response.arrayBuffer();
      if (whole === 200) expect(digest(bytes)).toBe(digest(big.bytes));
    }
    expect(whole).toBe(200);
  });
});
