import { randomUUID } from 'node:crypto';
import { withTenant } from '@assay/database';
import { anonymous, type Principal } from '@assay/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actsAt, ISSUE } from './acts.ts';
import { another, type House, openHouse } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(() => house[Symbol.asyncDispose]());

const { issue, license } = actsAt(() => house);
const LICENSES = `query ($r: [_Any!]!, $first: Int = 20, $after: String) { _entities(representations: $r) { ... on Asset { licenses(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } } } }`;

interface Page {
  readonly edges: readonly { readonly node: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function licensesOf(who: Principal, assetId: string): Promise<string[]> {
  const { data, codes } = await house.ask(who, LICENSES, { r: [{ __typename: 'Asset', id: assetId }] });
  expect(codes).toEqual([]);
  const [asset] = data?.['_entities'] as { licenses: { edges: { node: { id: string } }[] } }[];
  return asset?.licenses.edges.map(({ node }) => node.id) ?? [];
}

describe('issuing a licence', () => {
  it('to a tenant that there is not is refused: it would open nothing and keep the bytes for ever', async () => {
    const input = { assetId: await house.asset(), tenantId: '01977a00-0000-7000-8000-00000000dead' };
    expect((await house.ask(house.seller.person('author'), ISSUE, { input })).codes).toEqual(['BAD_USER_INPUT']);
    const { rows } = await house.sql.query('select 1 from licensing.license where asset_id = $1', [input.assetId]);
    expect(rows).toEqual([]);
  });

  it('shows the key once, and keeps neither it nor a plain hash of it', async () => {
    const { key, license: made } = await issue(await house.asset(), { seats: 3 });
    expect(made).toMatchObject({ seats: 3, seatsUsed: 0, state: 'ACTIVE', keyHint: key.slice(-4), expiresAt: null });
    const { rows } = await house.sql.query('select * from licensing.license where id = $1', [made.id]);
    expect(JSON.stringify(rows)).not.toContain(key.slice(0, 9));
    expect(rows[0].key_hash).toHaveLength(32);
  });

  it('is for the owner and the tenant’s admin', async () => {
    const assetId = await house.asset();
    await issue(assetId, {}, house.seller.person('admin'));
    const input = { assetId, tenantId: house.buyer.id };
    const codeFor = async (who: Principal) => (await house.ask(who, ISSUE, { input })).codes;
    expect(await codeFor(another(house.seller.person('author')))).toEqual(['FORBIDDEN']);
    expect(await codeFor(house.buyer.person('author'))).toEqual(['FORBIDDEN']);
    expect(await codeFor(house.buyer.person('admin'))).toEqual(['FORBIDDEN']);
    expect(await codeFor(house.buyer.person('buyer'))).toEqual(['FORBIDDEN']);
    expect(await codeFor(anonymous(randomUUID(), null))).toEqual(['UNAUTHENTICATED']);
  });

  it('does not tell another tenant that an asset exists', async () => {
    const input = { assetId: await house.asset({ visibility: 'PRIVATE' }), tenantId: house.buyer.id };
    expect((await house.ask(house.buyer.person('author'), ISSUE, { input })).codes).toEqual(['NOT_FOUND']);
    const nothing = { assetId: randomUUID(), tenantId: house.buyer.id };
    expect((await house.ask(house.seller.person('author'), ISSUE, { input: nothing })).codes).toEqual(['NOT_FOUND']);
  });

  it.each(['QUARANTINED', 'REJECTED', 'DELETED'])('of an asset that is %s is refused', async (state) => {
    const input = { assetId: await house.asset({ state, visibility: 'PRIVATE' }), tenantId: house.buyer.id };
    expect((await house.ask(house.seller.person('author'), ISSUE, { input })).codes).toEqual(['INVALID_STATE']);
  });

  it.each([
    { seats: 0 },
    { seats: -1 },
    { seats: 10_001 },
    { expiresAt: '2020-01-01T00:00:00Z' },
    { tenantId: 'nobody' },
  ])('on impossible terms (%j) says which', async (terms) => {
    const input = { assetId: await house.asset(), tenantId: house.buyer.id, ...terms };
    expect((await house.ask(house.seller.person('author'), ISSUE, { input })).codes).toEqual(['BAD_USER_INPUT']);
  });

  it('cannot be done past the subgraph: the database itself refuses what is not READY or not one’s own', async () => {
    const insert = (who: Principal, assetId: string, expiresAt: string) =>
      withTenant(
        house.deps.database,
        who,
        (tx) => tx.$executeRaw`
          insert into licensing.license (asset_id, seller_tenant_id, seller_id, buyer_tenant_id, seats, key_hash, key_hint, issued_by, expires_at)
          values (${assetId}::uuid, ${who.tenantId}::uuid, ${who.subject}::uuid, ${house.buyer.id}::uuid, 1,
            sha256(${randomUUID()}::bytea), 'ABCD', ${who.subject}::uuid, ${expiresAt}::timestamptz)`,
      );
    const author = house.seller.person('author');
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const ready = await house.asset();
    expect(await insert(author, ready, tomorrow)).toBe(1);
    const refusal = /row-level security/;
    await expect(insert(house.buyer.person('author'), ready, tomorrow)).rejects.toThrow(refusal);
    await expect(insert(another(author), ready, tomorrow)).rejects.toThrow(refusal);
    const held = await house.asset({ state: 'QUARANTINED', visibility: 'PRIVATE' });
    await expect(insert(author, held, tomorrow)).rejects.toThrow(refusal);
  });
});

describe('seeing licences', () => {
  it('is for the buyer’s tenant and the seller’s side, and for nobody else', async () => {
    const assetId = await house.asset();
    const { license: made } = await issue(assetId);
    const { seller, buyer } = house;
    for (const who of [
      seller.person('author'),
      seller.person('admin'),
      buyer.person('buyer'),
      buyer.person('author'),
    ]) {
      expect(await license(who, made.id)).toMatchObject({ id: made.id });
      expect(await licensesOf(who, assetId)).toEqual([made.id]);
    }
    const strangers = [another(seller.person('author')), seller.person('buyer'), anonymous(randomUUID(), null)];
    for (const who of [...strangers, buyer.person('security'), buyer.person('platform_admin')]) {
      expect(await license(who, made.id)).toBeNull();
      expect(await licensesOf(who, assetId)).toEqual([]);
    }
    expect(await license(seller.person('author'), 'no id')).toBeNull();
  });

  it('of several assets at once gives each its own, cut alike', async () => {
    const assets = [await house.asset(), await house.asset(), await house.asset()] as const;
    const ids: string[][] = [[], [], []];
    for (const [nth, assetId] of assets.slice(0, 2).entries())
      for (let each = 0; each < 3; each += 1) ids[nth]?.unshift((await issue(assetId)).license.id);
    const r = assets.map((id) => ({ __typename: 'Asset', id }));
    const { data } = await house.ask(house.seller.person('author'), LICENSES, { r, first: 2 });
    const pages = (data?.['_entities'] as { licenses: Page }[]).map(({ licenses }) => licenses);
    expect(pages.map(({ edges }) => edges.map(({ node }) => node.id))).toEqual(ids.map((those) => those.slice(0, 2)));
    expect(pages.map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, false]);
  });

  it('of one and the same millisecond are all on some page', async () => {
    const assetId = await house.asset();
    const ids: string[] = [];
    for (let each = 0; each < 4; each += 1) ids.push((await issue(assetId)).license.id);
    await house.sql.query(
      `update licensing.license set created_at = timestamptz '2026-11-23 09:30:00.123' + n * interval '100 microseconds'
         from unnest($1::uuid[]) with ordinality as made (id, n) where license.id = made.id`,
      [ids],
    );
    const seen: string[] = [];
    for (let after: string | null = null, isMore = true; isMore; ) {
      const variables = { r: [{ __typename: 'Asset', id: assetId }], first: 1, after };
      const { data } = await house.ask(house.seller.person('author'), LICENSES, variables);
      const [page] = (data?.['_entities'] as { licenses: Page }[]).map(({ licenses }) => licenses);
      seen.push(...(page?.edges.map(({ node }) => node.id) ?? []));
      after = page?.pageInfo.endCursor ?? null;
      isMore = page?.pageInfo.hasNextPage ?? false;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('comes in pages, the newest first', async () => {
    const assetId = await house.asset();
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift((await issue(assetId)).license.id);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data } = await house.ask(house.seller.person('author'), LICENSES, {
        r: [{ __typename: 'Asset', id: assetId }],
        first: 2,
        after,
      });
      const [asset] = data?.['_entities'] as {
        licenses: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      }[];
      seen.push(...(asset?.licenses.edges.map(({ node }) => node.id) ?? []));
      after = asset?.licenses.pageInfo.hasNextPage ? asset.licenses.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(made);
  });
});
