import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../../ops/run/parts/database.ts';
import { photograph } from '../../../../test/fixtures/make.ts';
import { openDatabase } from '../../src/adapters/database.ts';
import { openVault } from '../../src/adapters/s3-vault.ts';
import { runRound } from '../../src/janitor/round.ts';
import {
  CREATE,
  FINALIZE,
  type Form,
  type House,
  openHouse,
  post,
  rest,
  sha256,
  until,
  upload,
  uploadOnly,
} from './house.ts';
import { admin, author, buyer, moderator, otherAdmin, otherAuthor, otherBuyer, reviewer, visitor } from './people.ts';
import { seedAsset } from './seeding.ts';
import { storedOf } from './store.ts';

const ASSET = /* GraphQL */ `query ($id: ID!) { asset(id: $id) { id state preview { url } evidence { stage } } }`;
const PUBLISH = /* GraphQL */ `mutation ($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }`;
const DELETE = /* GraphQL */ `mutation ($input: DeleteAssetInput!) { deleteAsset(input: $input) { asset { id state preview { url } evidence { stage } } } }`;
const LIST = /* GraphQL */ `query ($first: Int, $after: String, $filter: AssetFilter) {
  assets(first: $first, after: $after, filter: $filter) { edges { cursor node { id state visibility } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
}`;

interface Page {
  assets: {
    edges: { cursor: string; node: { id: string; state: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  };
}

describe('an asset', () => {
  let house: House;
  let worker: AsyncDisposable;
  beforeAll(async () => {
    house = await openHouse();
    worker = await house.startIntake();
  }, 60_000);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await house?.[Symbol.asyncDispose]();
  }, 30_000);

  const publish = (who: typeof author, assetId: string, visibility: string) =>
    house.ask<{ publishAsset: { asset: { visibility: string } } }>(who, PUBLISH, { input: { assetId, visibility } });
  const remove = (who: typeof author, assetId: string) =>
    house.ask<{ deleteAsset: { asset: { state: string; preview: unknown; evidence: unknown[] } } }>(who, DELETE, {
      input: { assetId },
    });
  const seeded = (state: string, visibility = 'PRIVATE') => seedAsset(house, { owner: author, state, visibility });

  it('is published by its owner and the admins of its tenant, when it is READY', async () => {
    const id = await seeded('READY', 'TENANT');
    expect((await publish(reviewer, id, 'MARKETPLACE')).code).toBe('FORBIDDEN');
    expect((await publish(buyer, id, 'MARKETPLACE')).code).toBe('FORBIDDEN');
    for (const who of [otherAuthor, otherAdmin]) expect((await publish(who, id, 'PRIVATE')).code).toBe('NOT_FOUND');
    expect((await publish(visitor, id, 'PRIVATE')).code).toBe('UNAUTHENTICATED');
    expect((await publish(admin, id, 'MARKETPLACE')).data.publishAsset.asset.visibility).toBe('MARKETPLACE');
    for (const who of [otherAuthor, otherAdmin]) expect((await publish(who, id, 'PRIVATE')).code).toBe('FORBIDDEN');
    expect((await publish(author, id, 'TENANT')).data.publishAsset.asset.visibility).toBe('TENANT');
    for (const state of ['AWAITING_UPLOAD', 'RECEIVED', 'SCANNING', 'QUARANTINED', 'REJECTED', 'EXPIRED', 'DELETED']) {
      expect((await publish(author, await seeded(state), 'TENANT')).code, state).toBe('INVALID_STATE');
    }
  });

  it('is deleted from the states that RULES names, and from no other', async () => {
    for (const state of ['AWAITING_UPLOAD', 'READY', 'REJECTED', 'EXPIRED']) {
      const { data } = await remove(author, await seeded(state));
      expect(data.deleteAsset.asset, state).toMatchObject({ state: 'DELETED', preview: null });
      expect(data.deleteAsset.asset.evidence).toHaveLength(5);
    }
    for (const state of ['RECEIVED', 'SCANNING', 'INSPECTING', 'CLASSIFYING', 'RENDERING', 'QUARANTINED', 'DELETED']) {
      expect((await remove(author, await seeded(state))).code, state).toBe('INVALID_STATE');
    }
    const id = await seeded('READY', 'TENANT');
    expect((await remove(reviewer, id)).code).toBe('FORBIDDEN');
    expect((await remove(moderator, id)).code).toBe('FORBIDDEN');
    expect((await remove(otherAdmin, id)).code).toBe('NOT_FOUND');
    expect((await remove(admin, id)).data.deleteAsset.asset.state).toBe('DELETED');
    expect((await house.ask<{ asset: unknown }>(reviewer, ASSET, { id })).data.asset).toBeNull();
  });

  it('that is deleted leaves a tombstone, no bytes, and an epoch that ends its links', async () => {
    const id = await upload(house, author, photograph('rocket.jpg'), 'image/jpeg');
    expect(await rest(house, id)).toBe('READY');
    await remove(author, id);
    await until(
      () => storedOf(house, id),
      (found) => found.length === 0,
      'Bytes stay',
    );
    const { data } = await house.ask<{ asset: { state: string; evidence: unknown[] } }>(author, ASSET, { id });
    expect(data.asset.state).toBe('DELETED');
    expect(data.asset.evidence.length).toBeGreaterThan(6);
  }, 40_000);

  it('that is deleted keeps its bytes while a licence runs, and its previews end', async () => {
    const id = await upload(house, author, photograph('rocket.jpg'), 'image/jpeg');
    expect(await rest(house, id)).toBe('READY');
    await house.sql(
      `insert into licensing.license (asset_id, seller_tenant_id, seller_id, buyer_tenant_id, seats, key_hash, key_hint, issued_by, expires_at)
       values ($1, $2, $3, $4, 1, sha256('k'), 'HINT', $3, now() + interval '1 hour')`,
      id,
      author.tenantId,
      author.subject,
      otherBuyer.tenantId,
    );
    await remove(author, id);
    await until(
      () => storedOf(house, id),
      (found) => found.length === 1,
      'Previews stay',
    );
    expect(await storedOf(house, id)).toEqual(['media original']);
    const [licensee] = await entity(otherBuyer, id);
    expect(licensee).toMatchObject({ state: 'DELETED', title: 'photo', sha256: null, preview: null, evidence: [] });
    expect(await entity(visitor, id)).toEqual([null]);
    expect(await entity(buyer, id)).toEqual([null]);
    await house.sql(`update licensing.license set expires_at = now() where asset_id = $1`, id);
    await round();
    await until(
      () => storedOf(house, id),
      (found) => found.length === 0,
      'Bytes stay',
    );
    expect(await entity(otherBuyer, id)).toMatchObject([{ state: 'DELETED' }]);
  }, 40_000);

  const entity = async (who: typeof author, id: string) => {
    const query = /* GraphQL */ `query ($id: ID!) { _entities(representations: [{ __typename: "Asset", id: $id }]) { ... on Asset { id state title sha256 preview { url } evidence { stage } } } }`;
    return (await house.ask<{ _entities: unknown[] }>(who, query, { id })).data._entities;
  };

  it('is listed newest first, page by page, each once', async () => {
    const whole = (await house.ask<Page>(author, LIST, { first: 200 })).data.assets.edges.map(({ node }) => node.id);
    expect(whole).toEqual([...whole].sort().reverse());
    const paged: string[] = [];
    for (let after: string | null = null; ; ) {
      const { assets }: Page = (await house.ask<Page>(author, LIST, { first: 3, after })).data;
      paged.push(...assets.edges.map(({ node }) => node.id));
      expect(assets.pageInfo).toMatchObject({
        hasPreviousPage: after !== null,
        startCursor: assets.edges[0]?.cursor ?? null,
      });
      after = assets.pageInfo.endCursor;
      if (!assets.pageInfo.hasNextPage) break;
    }
    expect(paged).toEqual(whole);
    const ready = (await house.ask<Page>(author, LIST, { first: 200, filter: { states: ['READY'], mine: true } })).data
      .assets.edges;
    expect(new Set(ready.map(({ node }) => node.state))).toEqual(new Set(['READY']));
    expect((await house.ask(author, LIST, { first: 201 })).code).toBe('BAD_USER_INPUT');
    expect((await house.ask(author, LIST, { first: -1 })).code).toBe('BAD_USER_INPUT');
    expect((await house.ask(author, LIST, { after: 'x' })).code).toBe('BAD_USER_INPUT');
    expect((await house.ask<Page>(author, LIST, { first: 0 })).data.assets.edges).toEqual([]);
  });

  describe('under the janitor', () => {
    it('expires when its form ends unused, and what was posted goes', async () => {
      const id = await uploadOnly(house, author, photograph('rocket.jpg'), 'image/jpeg');
      await house.sql(`update media.asset set form_expires_at = now() - interval '2 minutes' where id = $1`, id);
      const dry = await round({ isDryRun: true });
      expect(dry.expiredUploads).toBeGreaterThanOrEqual(1);
      expect(await storedOf(house, id)).toEqual(['incoming original']);
      await round();
      expect(await rest(house, id)).toBe('EXPIRED');
      expect(await storedOf(house, id)).toEqual([]);
      const events = await house.sql(
        'select type, state from media.asset_event where asset_id = $1 order by owner_seq',
        id,
      );
      expect(events.at(-1)).toEqual({ type: 'EXPIRED', state: 'EXPIRED' });
    });

    it('loses what was posted to its form afterwards, and copies that nobody names', async () => {
      const bytes = photograph('rocket.jpg');
      const input = { title: 'x', fileName: 'x.jpg', contentType: 'image/jpeg', sizeBytes: bytes.length };
      const { data } = await house.ask<{ createUpload: { asset: { id: string }; form: Form } }>(author, CREATE, {
        input,
      });
      const { asset, form } = data.createUpload;
      await post(form, bytes);
      await house.ask(author, FINALIZE, { input: { assetId: asset.id, sha256: sha256(bytes) } });
      expect(await rest(house, asset.id)).toBe('READY');
      await until(
        () => storedOf(house, asset.id),
        (found) => found.length === 4,
        'Not tidy',
      );
      expect(await post(form, bytes)).toBeLessThan(300);
      const vault = openVault(house.intakeConfig().store, house.intakeConfig().buckets);
      const key = `tenants/${author.tenantId}/media/${asset.id}`;
      await vault.put('QUARANTINE', `${key}/original`, Buffer.from('half moved'), 'image/jpeg');
      await vault.put('MEDIA', `${key}/preview-640.jpg`, Buffer.from('another'), 'image/jpeg');
      vault[Symbol.dispose]();
      expect(await storedOf(house, asset.id)).toHaveLength(7);
      expect((await round({ graceMs: 600_000 })).deletedVersions).toBe(0);
      await round();
      expect(await storedOf(house, asset.id)).toEqual([
        'media original',
        'media preview-1280.jpg',
        'media preview-256.jpg',
        'media preview-640.jpg',
      ]);
    }, 40_000);

    it('keeps rejected bytes for thirty days, and its evidence for good', async () => {
      const id = await seeded('REJECTED');
      const day = 24 * 60 * 60 * 1_000;
      await round({}, new Date(Date.now() + 29 * day));
      expect(await house.sql('select bucket from media.asset where id = $1', id)).toEqual([{ bucket: 'QUARANTINE' }]);
      await round({}, new Date(Date.now() + 31 * day));
      expect(await house.sql('select bucket from media.asset where id = $1', id)).toEqual([{ bucket: null }]);
      expect(
        (await house.ask<{ asset: { evidence: unknown[] } }>(author, ASSET, { id })).data.asset.evidence,
      ).toHaveLength(5);
    });
  });

  const round = async (rules: Partial<Parameters<typeof runRound>[1]> = {}, now = new Date()) => {
    const { ground } = house.parts;
    const database = openDatabase(databaseUrl(ground, 'janitor'), 2);
    const { store, buckets } = house.intakeConfig();
    const vault = openVault({ ...store, key: 'janitor', secret: ground.secrets('store-janitor') }, buckets);
    try {
      const usual = { expireAfterMs: 60_000, graceMs: 0, keepRejectedMs: 30 * 24 * 60 * 60 * 1_000, isDryRun: false };
      return await runRound({ database, vault }, { ...usual, ...rules }, now);
    } finally {
      vault[Symbol.dispose]();
      await database.$disconnect();
    }
  };

  it('is left alone by a janitor whose database is away', async () => {
    const id = await uploadOnly(house, author, photograph('rocket.jpg'), 'image/jpeg');
    await house.sql(`update media.asset set form_expires_at = now() - interval '2 minutes' where id = $1`, id);
    const { ground } = house.parts;
    const url = new URL(databaseUrl(ground, 'janitor'));
    url.port = '1';
    const database = openDatabase(url.href, 2);
    const { store, buckets } = house.intakeConfig();
    using vault = openVault({ ...store, key: 'janitor', secret: ground.secrets('store-janitor') }, buckets);
    const rules = { expireAfterMs: 0, graceMs: 0, keepRejectedMs: 0, isDryRun: false };
    await expect(runRound({ database, vault }, rules)).rejects.toThrow();
    expect(await storedOf(house, id)).toEqual(['incoming original']);
    await database.$disconnect();
  });
});
