import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photograph } from '../../../../test/fixtures/make.ts';
import { CREATE, FINALIZE, type Form, type House, openHouse, post, sha256, until, uploadOnly } from './house.ts';
import { admin, author, otherAuthor, person, reviewer, TIDEPOOL, visitor } from './people.ts';
import { seedAsset } from './seeding.ts';

interface Created {
  createUpload: { asset: { id: string; fileName: string; title: string }; form: Form };
}

const bytes = photograph('rocket.jpg');
const input = (over: Record<string, unknown> = {}) => ({
  title: 'A rocket',
  fileName: 'rocket.jpg',
  contentType: 'image/jpeg',
  sizeBytes: bytes.length,
  ...over,
});

describe('an upload', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse(['postgres', 'store']);
  }, 60_000);
  afterAll(() => house?.[Symbol.asyncDispose](), 30_000);

  const create = (who = author, over: Record<string, unknown> = {}) =>
    house.ask<Created>(who, CREATE, { input: input(over) });
  const finalize = (who: typeof author, assetId: string, digest = sha256(bytes)) =>
    house.ask<{ finalizeUpload: { asset: { id: string; state: string } } }>(who, FINALIZE, {
      input: { assetId, sha256: digest },
    });

  it.each([
    ['contentType', 'image/svg+xml'],
    ['contentType', 'video/mp4'],
    ['contentType', ''],
    ['sizeBytes', 0],
    ['sizeBytes', -1],
    ['sizeBytes', 50 * 1024 * 1024 + 1],
    ['fileName', '../..'],
    ['title', '\u202E'],
  ])('with %s %j is not taken, and says so', async (field, value) => {
    const { code, errors } = await create(author, { [field]: value });
    expect(code).toBe('BAD_USER_INPUT');
    expect(errors?.[0]?.extensions['problems']).toEqual([{ path: ['input', field], message: expect.any(String) }]);
  });

  it('names everything that is wrong at once', async () => {
    const { errors } = await create(author, { contentType: 'text/html', sizeBytes: 0, fileName: '..' });
    expect(errors?.[0]?.extensions['problems']).toHaveLength(3);
  });

  it.each([
    ['../../etc/passwd.png', 'passwd.png'],
    ['a\0b.png', 'ab.png'],
    ['cat\u202Egpj.exe', 'catgpj.exe'],
    [`${'n'.repeat(4_000)}.png`, `${'n'.repeat(196)}.png`],
    [`'; drop table media.asset; --.png`, `'; drop table media.asset; --.png`],
    ['{ __schema { types { name } } }.png', '{ __schema { types { name } } }.png'],
  ])('called %j is called %j, and its key comes from its id', async (fileName, expected) => {
    const { data } = await create(author, { fileName, title: fileName });
    const { asset, form } = data.createUpload;
    expect(asset.fileName).toBe(expected);
    const key = form.fields.find(({ name }) => name === 'key')?.value;
    expect(key).toBe(`tenants/${author.tenantId}/media/${asset.id}/original`);
  });

  it('is for authors and reviewers', async () => {
    expect((await create(reviewer)).code).toBeUndefined();
    expect((await create(admin)).code).toBe('FORBIDDEN');
    expect((await create(visitor)).code).toBe('UNAUTHENTICATED');
    expect((await create(person('buyer', TIDEPOOL))).code).toBe('FORBIDDEN');
  });

  it('is bound to its key, its type and its size by the store', async () => {
    const { form, asset } = (await create()).data.createUpload;
    expect(await post(form, bytes, { key: `tenants/${author.tenantId}/media/${randomUUID()}/original` })).toBe(403);
    expect(await post(form, bytes, { 'Content-Type': 'text/html' })).toBe(403);
    expect(await post(form, Buffer.concat([bytes, Buffer.from('x')]))).toBeGreaterThanOrEqual(400);
    expect(await post(form, Buffer.alloc(0))).toBeGreaterThanOrEqual(400);
    const policy = form.fields.find(({ name }) => name === 'policy')?.value ?? '';
    const stretched = JSON.parse(Buffer.from(policy, 'base64').toString()) as { expiration: string };
    stretched.expiration = '2099-01-01T00:00:00Z';
    expect(await post(form, bytes, { policy: Buffer.from(JSON.stringify(stretched)).toString('base64') })).toBe(403);
    expect((await finalize(author, asset.id)).code).toBe('INVALID_STATE');
    expect(await post(form, bytes)).toBeLessThan(300);
    expect((await finalize(author, asset.id)).data.finalizeUpload.asset.state).toBe('RECEIVED');
  });

  it('is finalized once, however often and by however many at once it is asked', async () => {
    const id = await uploadOnly(house, author, bytes, 'image/jpeg');
    const answers = await Promise.all(Array.from({ length: 12 }, () => finalize(author, id)));
    expect(answers.map(({ code }) => code)).toEqual(Array(12).fill(undefined));
    const events = await house.sql(`select type from media.asset_event where asset_id = $1 order by owner_seq`, id);
    expect(events).toEqual([{ type: 'CREATED' }, { type: 'FINALIZED' }]);
    expect(await house.sql(`select from graphile_worker._private_jobs where key = $1`, `intake:${id}`)).toHaveLength(1);
    expect(
      await house.sql(`select from compliance.audit_entry where subject = $1 and action = 'asset.finalize'`, id),
    ).toHaveLength(1);
    expect((await finalize(author, id, 'b'.repeat(64))).code).toBe('CONFLICT');
  });

  it('finalized with two digests at once has one of them, and the other is CONFLICT', async () => {
    const id = await uploadOnly(house, author, bytes, 'image/jpeg');
    const answers = await Promise.all(['c', 'd'].map((digit) => finalize(author, id, digit.repeat(64))));
    expect(answers.map(({ code }) => code).sort()).toEqual(['CONFLICT', undefined].sort());
  });

  it('keeps the version that was there when it was finalized', async () => {
    const { form, asset } = (await create()).data.createUpload;
    await post(form, bytes);
    await finalize(author, asset.id);
    const pinned = await house.sql<{ object_version: string }>(
      'select object_version from media.asset where id = $1',
      asset.id,
    );
    expect(await post(form, Buffer.from('something else'))).toBeLessThan(300);
    await finalize(author, asset.id);
    expect(await house.sql('select object_version from media.asset where id = $1', asset.id)).toEqual(pinned);
  });

  it('of somebody else cannot be finalized, and of another tenant does not exist', async () => {
    const id = await uploadOnly(house, author, bytes, 'image/jpeg');
    expect((await finalize(otherAuthor, id)).code).toBe('NOT_FOUND');
    expect((await finalize(reviewer, id)).code).toBe('NOT_FOUND');
    expect((await finalize(admin, id)).code).toBe('FORBIDDEN');
    expect((await finalize(author, randomUUID())).code).toBe('NOT_FOUND');
    expect((await finalize(author, "' or 1=1")).code).toBe('NOT_FOUND');
    const shared = await seedAsset(house, { owner: author, state: 'READY', visibility: 'TENANT' });
    expect((await finalize(reviewer, shared)).code).toBe('FORBIDDEN');
  });

  it.each(['', 'A'.repeat(64), 'g'.repeat(64), 'a'.repeat(63), `${'a'.repeat(64)}\n`])(
    'with the digest %j is BAD_USER_INPUT',
    async (digest) => {
      const id = await uploadOnly(house, author, bytes, 'image/jpeg');
      expect((await finalize(author, id, digest)).code).toBe('BAD_USER_INPUT');
    },
  );

  it('whose form expired unused is EXPIRED', async () => {
    const id = await seedAsset(house, { owner: author, state: 'EXPIRED', visibility: 'PRIVATE' });
    expect((await finalize(author, id)).code).toBe('EXPIRED');
  });

  it('finds the store away as UPSTREAM_UNAVAILABLE, and goes on when it is back', async () => {
    const id = await uploadOnly(house, author, bytes, 'image/jpeg');
    await house.parts.kill('store');
    expect((await finalize(author, id)).code).toBe('UPSTREAM_UNAVAILABLE');
    await house.parts.restart('store');
    await until(
      () => finalize(author, id),
      ({ code }) => code === undefined,
      'The upload is not finalized',
    );
  }, 60_000);

  it('is one of at most two hundred that a person has open', async () => {
    const somebody = person('author', TIDEPOOL);
    for (let made = 0; made < 200; made += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => create(somebody)));
      expect(answers.map(({ code }) => code)).toEqual(Array(20).fill(undefined));
    }
    expect((await create(somebody)).code).toBe('RATE_LIMITED');
    expect((await create(person('author', TIDEPOOL))).code).toBeUndefined();
  }, 60_000);
});
