import { randomBytes, randomUUID } from 'node:crypto';
import { grantKey } from '@assay/licensing/grants/places';
import { createToken } from '@assay/licensing/grants/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, type Kept, openHouse, redeemed } from './house.ts';
import { type RawAnswer, rawRequest } from './raw.ts';

let house: House;
let photo: Kept;

beforeAll(async () => {
  house = await openHouse();
  photo = await house.keep(randomBytes(10_000));
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

const ask = (target: string, options: Parameters<typeof rawRequest>[2] = {}) =>
  rawRequest(house.edge.url, target, options);

/** Every way to be refused, each as it would look on the wire. */
async function refusals(): Promise<Record<string, RawAnswer>> {
  const spent = await house.grant(photo);
  await ask(`/d/${spent.token}`);
  const expired = await house.grant(photo, { expiresAt: Date.now() - 1 });
  const gone = await house.grant(photo);
  await house.licensing.set(grantKey(gone.id), 'x', 'PX', 1);
  const otherLife = await house.grant(photo, { boot: 'f'.repeat(40) });
  const quarantined = await house.keep(randomBytes(10));
  const voided = await house.grant(quarantined);
  await house.worker.set(`epoch:asset:${quarantined.asset}`, '1');
  const bent = await house.grant(photo);
  const sealed = (await house.reader.get(grantKey(bent.id))) ?? '';
  await house.licensing.set(grantKey(bent.id), sealed.replace(photo.key, `${photo.key}x`));
  const moved = await house.grant(photo);
  await house.licensing.set(grantKey(moved.id), sealed);
  const lease = new URL(await redeemed(house, await house.grant(photo), { 'user-agent': 'raw' })).pathname;
  const drawn = new URL(await redeemed(house, await house.grant(photo), { 'user-agent': 'raw' })).pathname;
  await ask(drawn);
  await ask(drawn);
  const original = house.previews.sign({ key: photo.key, epoch: '0' }, Date.now() + 60_000);
  const late = house.previews.sign({ key: previewKey(), epoch: '0' }, Date.now() - 1);
  return {
    'a grant that never existed': await ask(`/d/${createToken()}`),
    'a spent grant': await ask(`/d/${spent.token}`),
    'an expired grant': await ask(`/d/${expired.token}`),
    'a grant that Redis let go': await ask(`/d/${gone.token}`),
    'a grant of another life of Redis': await ask(`/d/${otherLife.token}`),
    'a grant of a quarantined asset': await ask(`/d/${voided.token}`),
    'a grant that somebody bent in Redis': await ask(`/d/${bent.token}`),
    'a grant under the token of another': await ask(`/d/${moved.token}`),
    'no token at all': await ask('/d/'),
    'a token with more behind it': await ask(`/d/${createToken()}/x`),
    'a very long token': await ask(`/d/${'a'.repeat(4_000)}`),
    'a token of other letters': await ask('/d/%00%0d%0aLocation:%20x'),
    'a lease that never existed': await ask(`/l/${createToken()}/photo.jpg`),
    'a lease under another name': await ask(lease.replace('photo', 'other')),
    'a lease of another user agent': await ask(lease, { headers: ['User-Agent: other'] }),
    'a lease whose budget is spent': await ask(drawn),
    'a lease without a name': await ask(lease.replace('/photo.jpg', '')),
    'a preview that nobody signed': await ask(`/p/${createToken()}.${createToken()}`),
    'a preview link to an original': await ask(`/p/${original}`),
    'a preview link that is over': await ask(`/p/${late}`),
    'a preview that is not there': await ask(
      `/p/${house.previews.sign({ key: previewKey(), epoch: '0' }, Date.now() + 60_000)}`,
    ),
    'a path of nothing': await ask('/nothing'),
    'the root': await ask('/'),
    'another method': await ask(`/d/${createToken()}`, { method: 'DELETE' }),
    'a listing': await ask('/l/'),
  };
}

function previewKey(asset: string = randomUUID()): string {
  return `tenants/${randomUUID()}/media/${asset}/preview-640.jpg`;
}

describe('a refusal', () => {
  it('is the same, byte by byte, whatever it is for', async () => {
    const answers = await refusals();
    const first = answers['a grant that never existed'];
    expect(first?.status).toBe(404);
    for (const [what, { head, body }] of Object.entries(answers)) {
      expect([what, head, body]).toEqual([what, first?.head, first?.body]);
    }
  }, 20_000);

  it('takes no longer for a spent grant than for one that never existed', async () => {
    const spent = await house.grant(photo);
    await ask(`/d/${spent.token}`);
    const times: Record<string, number[]> = { spent: [], unknown: [] };
    for (let i = 0; i < 150; i++) {
      times['spent']?.push((await ask(`/d/${spent.token}`)).ms);
      times['unknown']?.push((await ask(`/d/${createToken()}`)).ms);
    }
    const median = (values: number[] = []) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
    const ratio = median(times['spent']) / median(times['unknown']);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  }, 20_000);

  it('meets a token with any one bit of it flipped, and the token itself still works', async () => {
    const issued = await house.grant(photo);
    const lease = new URL(await redeemed(house, await house.grant(photo), { 'user-agent': 'raw' })).pathname;
    const [, , leaseToken = ''] = lease.split('/');
    for (const [token, path] of [
      [issued.token, (bent: string) => `/d/${bent}`],
      [leaseToken, (bent: string) => `/l/${bent}/photo.jpg`],
    ] as const) {
      const bytes = Buffer.from(token);
      const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
        const bent = Buffer.from(bytes);
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return [...bent].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      });
      const statuses = await Promise.all(flipped.map(async (bent) => (await ask(path(bent))).status));
      expect(new Set(statuses)).toEqual(new Set([404]));
    }
    expect((await ask(`/d/${issued.token}`)).status).toBe(303);
    expect((await ask(lease)).status).toBe(200);
  }, 30_000);

  it('tells the operator when somebody else writes grants', async () => {
    const bent = await house.grant(photo);
    await house.licensing.set(
      grantKey(bent.id),
      (await house.reader.get(grantKey(bent.id)))?.replace('photo', 'phoTo') ?? '',
    );
    await ask(`/d/${bent.token}`);
    expect(house.logged.at(-1)).toMatchObject({ fields: { grant: bent.id } });
  });
});

describe('a file name', () => {
  it.each([
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie_ x=1'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['evil"; filename="x.exe', 'evil__; filename=_x.exe'.replace('__', '_')],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['\u0000', 'download'],
    ['...', 'download'],
    ['100% \\ sure?.jpg', '100% _ sure_.jpg'],
    ['写真\ud800.jpg', '写真\ufffd.jpg'],
    ['x'.repeat(4_000), 'x'.repeat(200)],
  ])('%j adds no header, leaves no folder and hides no ending', async (fileName, safe) => {
    // A line break cannot even be sealed.
    if (fileName.includes('\n')) return expect(house.grant(photo, { fileName })).rejects.toThrow(TypeError);
    const lease = await redeemed(house, await house.grant(photo, { fileName }), { 'user-agent': 'raw' });
    const { status, head } = await ask(lease.slice(house.edge.url.length));
    expect(status).toBe(200);
    const lines = head.split('\r\n').filter((line) => /^content-disposition:/i.test(line));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('attachment; filename="');
    expect(decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(lines[0] ?? '')?.[1] ?? '')).toBe(safe);
    expect(head).not.toMatch(/set-cookie/i);
  });
});

describe('a preview', () => {
  it('is shown to whoever has the link, to embed and not to keep', async () => {
    const preview = await house.keep(randomBytes(2_000), previewKey());
    const target = `/p/${house.previews.sign({ key: preview.key, epoch: '0' }, Date.now() + 60_000)}`;
    const response = await fetch(house.edge.url + target);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(Buffer.from(await response.arrayBuffer()).equals(preview.bytes)).toBe(true);
    expect((await ask(target, { method: 'HEAD' })).status).toBe(200);
  });

  it('is gone once its asset was deleted or taken down', async () => {
    const preview = await house.keep(randomBytes(2_000), previewKey());
    const target = `/p/${house.previews.sign({ key: preview.key, epoch: '0' }, Date.now() + 60_000)}`;
    await house.worker.set(`epoch:preview:${preview.asset}`, '1');
    expect((await ask(target)).status).toBe(404);
    const anew = `/p/${house.previews.sign({ key: preview.key, epoch: '1' }, Date.now() + 60_000)}`;
    expect((await ask(anew)).status).toBe(200);
  });
});
