import { randomUUID } from 'node:crypto';
import { anonymous } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actsAt } from './acts.ts';
import { another, type House, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

const { issue, download, license } = actsAt(() => house);
const LINK = /^http:\/\/127\.0\.0\.1:4001\/d\/[\w-]{43}$/;

describe('a download', () => {
  it('takes a seat the first time and the same one afterwards', async () => {
    const assetId = await house.asset();
    const { key, license: made } = await issue(assetId, { seats: 1 });
    const buyer = house.buyer.person('buyer');
    for (let i = 0; i < 3; i++) expect(await download(buyer, assetId, key)).toMatch(LINK);
    expect(await download(another(buyer), assetId, key.toLowerCase().replaceAll('-', ' '))).toBe('CONFLICT');
    expect(await license(buyer, made.id)).toMatchObject({ seats: 1, seatsUsed: 1 });
  });

  it('cannot take the last seat twice, however many come at once', async () => {
    const assetId = await house.asset();
    const { key, license: made } = await issue(assetId, { seats: 3 });
    const buyers = Array.from({ length: 20 }, () => another(house.buyer.person('buyer')));
    const answers = await Promise.all(buyers.map((who) => download(who, assetId, key)));
    expect(answers.filter((answer) => answer === 'CONFLICT')).toHaveLength(17);
    expect(answers.filter((answer) => LINK.test(String(answer)))).toHaveLength(3);
    expect(await license(house.seller.person('author'), made.id)).toMatchObject({ seatsUsed: 3 });
  });

  it('with a wrong key, tenant or asset is one and the same refusal; a mistyped key is another', async () => {
    const assetId = await house.asset();
    const { key } = await issue(assetId);
    const elsewhere = await issue(await house.asset());
    const buyer = house.buyer.person('buyer');
    expect(await download(buyer, assetId, elsewhere.key)).toBe('NOT_FOUND');
    expect(await download(house.seller.person('admin'), assetId, key)).toBe('NOT_FOUND');
    expect(await download(house.seller.person('author'), assetId, key)).toBe('NOT_FOUND');
    expect(await download(buyer, randomUUID(), key)).toBe('NOT_FOUND');
    expect(await download(buyer, 'no id', key)).toBe('NOT_FOUND');
    expect(
      await download(
        buyer,
        assetId,
        key.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      ),
    ).toBe('BAD_USER_INPUT');
    expect(await download(buyer, assetId, '')).toBe('BAD_USER_INPUT');
  });

  it('without a key is for the owner alone', async () => {
    const assetId = await house.asset();
    const hidden = await house.asset({ visibility: 'PRIVATE' });
    expect(await download(house.seller.person('author'), assetId)).toMatch(LINK);
    expect(await download(house.seller.person('author'), hidden)).toMatch(LINK);
    expect(await download(house.seller.person('admin'), assetId)).toBe('FORBIDDEN');
    expect(await download(house.buyer.person('buyer'), assetId)).toBe('FORBIDDEN');
    expect(await download(house.buyer.person('buyer'), hidden)).toBe('NOT_FOUND');
    expect(await download(house.buyer.person('security'), assetId)).toBe('FORBIDDEN');
    expect(await download(anonymous(randomUUID(), null), assetId)).toBe('UNAUTHENTICATED');
  });

  it('ends with the licence, and outlives a delete but no quarantine', async () => {
    const assetId = await house.asset();
    const { key, license: made } = await issue(assetId, { seats: 2 });
    const buyer = house.buyer.person('buyer');
    await house.sql.query(`update media.asset set state = 'DELETED' where id = $1`, [assetId]);
    expect(await download(buyer, assetId, key)).toMatch(LINK);
    expect(await download(house.seller.person('author'), assetId)).toBe('INVALID_STATE');
    await house.sql.query(`update media.asset set state = 'QUARANTINED' where id = $1`, [assetId]);
    expect(await download(buyer, assetId, key)).toBe('INVALID_STATE');
    await house.sql.query(`update media.asset set state = 'READY' where id = $1`, [assetId]);
    await house.sql.query(`update licensing.license set expires_at = now() where id = $1`, [made.id]);
    expect(await download(buyer, assetId, key)).toBe('EXPIRED');
    expect(await license(buyer, made.id)).toMatchObject({ state: 'EXPIRED' });
    await house.sql.query(`update licensing.license set revoked_at = now(), expires_at = null where id = $1`, [
      made.id,
    ]);
    expect(await download(buyer, assetId, key)).toBe('NOT_FOUND');
    expect(await license(buyer, made.id)).toMatchObject({ state: 'REVOKED', seatsUsed: 1 });
  });

  it('is granted under a seal, for one version, at the counters of the moment', async () => {
    const assetId = await house.asset({ fileName: 'Straße.jpg' });
    await house.worker.set(`epoch:asset:${assetId}`, '7');
    const { key, license: made } = await issue(assetId);
    const buyer = house.buyer.person('buyer');
    const url = String(await download(buyer, assetId, key));
    const { tokenHash } = await import('../src/grants/token.ts');
    const id = tokenHash(url.split('/d/')[1] ?? '');
    const grant = house.deps.seal.open((await house.reader.get(`grant:${id}`)) ?? '');
    expect(grant).toMatchObject({
      id,
      asset: assetId,
      license: made.id,
      assetEpoch: '7',
      licenseEpoch: '0',
      subject: buyer.subject,
      tenant: house.buyer.id,
      sizeBytes: 10,
      key: `tenants/${house.seller.id}/media/${assetId}/original`,
      version: 'v1',
      mimeType: 'image/jpeg',
      fileName: 'Straße.jpg',
      boot: /run_id:(\w+)/.exec(await house.reader.info('server'))?.[1],
    });
  });

  it('and an issued licence are in the audit trail, with who and from where; so is what was refused', async () => {
    const assetId = await house.asset();
    const { key, license: made } = await issue(assetId);
    const buyer = another(house.buyer.person('buyer'));
    await download(buyer, assetId, key);
    const colleague = another(buyer);
    await download(colleague, assetId, key);
    const { rows } = await house.sql.query(
      `select action, actor, subject, tenant_id, address from compliance.audit_entry where subject in ($1, $2) order by at`,
      [assetId, made.id],
    );
    const author = house.seller.person('author');
    expect(rows).toEqual([
      {
        action: 'license.issue',
        actor: author.subject,
        subject: made.id,
        tenant_id: house.seller.id,
        address: '192.0.2.0/24',
      },
      {
        action: 'download.grant',
        actor: buyer.subject,
        subject: assetId,
        tenant_id: house.buyer.id,
        address: '192.0.2.0/24',
      },
      {
        action: 'download.grant_failed',
        actor: colleague.subject,
        subject: assetId,
        tenant_id: house.buyer.id,
        address: '192.0.2.0/24',
      },
    ]);
  });

  it('costs no seat while Redis is away', async () => {
    const assetId = await house.asset();
    const { key, license: made } = await issue(assetId, { seats: 1 });
    const buyer = house.buyer.person('buyer');
    await house.parts.kill('redis');
    expect(await download(buyer, assetId, key)).toBe('UPSTREAM_UNAVAILABLE');
    expect(await license(buyer, made.id)).toMatchObject({ seatsUsed: 0 });
    const { rows } = await house.sql.query(`select from compliance.audit_entry where subject = $1`, [assetId]);
    expect(rows).toHaveLength(0);
    await house.parts.restart('redis');
    const deadline = Date.now() + 10_000;
    let answer: unknown;
    do answer = await download(buyer, assetId, key);
    while (answer === 'UPSTREAM_UNAVAILABLE' && Date.now() < deadline);
    expect(answer).toMatch(LINK);
  }, 20_000);
});
