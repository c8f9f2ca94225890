import { randomBytes } from 'node:crypto';
import { createPrincipalSigner } from '@assay/principal';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../../../ops/run/parts/database.ts';
import { redisUrl } from '../../../../ops/run/parts/redis.ts';
import { eicarInJpegTail, photograph } from '../../../../test/fixtures/make.ts';
import { parseModerationConfig } from '../../src/workers/moderation-config.ts';
import { startModeration } from '../../src/workers/start-moderation.ts';
import { type House, log, openHouse, rest, sha256, until, upload } from './house.ts';
import { admin, author, buyer, moderator, otherAuthor, otherBuyer, reviewer, security, visitor } from './people.ts';
import { seedAsset } from './seeding.ts';
import { isReadableBy, storedOf } from './store.ts';

const ASSET = /* GraphQL */ `query ($id: ID!) {
  asset(id: $id) {
    id state visibility sha256
    preview { url } moderationPreview { url width height mimeType }
    evidence { stage verdict tool toolVersion dataVersion findings { code detail score } durationMs digest }
    decision { verdict reasons note decidedBy policyVersion }
    events { edges { node { seq type state stage verdict } } }
  }
}`;
const MODERATE = /* GraphQL */ `mutation ($input: ModerateAssetInput!) { moderateAsset(input: $input) { asset { id state visibility decision { verdict reasons note } evidence { stage } } } }`;
const PUBLISH = /* GraphQL */ `mutation ($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }`;
const QUARANTINE = /* GraphQL */ `{ quarantine(first: 200) { edges { node { id state } } } }`;

interface Seen {
  asset: {
    state: string;
    preview: { url: string } | null;
    moderationPreview: { url: string; width: number; height: number } | null;
    evidence: {
      stage: string;
      verdict: string;
      tool: string | null;
      findings: { code: string; detail: string | null }[];
      digest: string;
    }[];
    decision: { verdict: string; reasons: string[]; note: string | null; decidedBy: string } | null;
    events: {
      edges: { node: { seq: number; type: string; state: string; stage: string | null; verdict: string | null } }[];
    };
  };
}

/** A photograph that no other upload has: the digest is its own, and it decodes all the same. */
function unlike(name: 'rocket.jpg' | 'hubble_deep_field.jpg'): Buffer {
  const bytes = photograph(name);
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 18]), randomBytes(16)]);
  return Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]);
}

describe('moderation', () => {
  let house: House;
  let worker: AsyncDisposable;

  beforeAll(async () => {
    house = await openHouse();
    worker = await house.startIntake({ ASSAY_INTAKE_RETRY_MS: '100,100' });
  }, 60_000);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await house?.[Symbol.asyncDispose]();
  }, 30_000);

  const see = async (who: typeof author, id: string) => (await house.ask<Seen>(who, ASSET, { id })).data.asset;
  const moderate = (assetId: string, verdict: string, who = moderator, reason = 'because') =>
    house.ask<{ moderateAsset: { asset: { state: string; decision: object | null; evidence: { stage: string }[] } } }>(
      who,
      MODERATE,
      { input: { assetId, verdict, reason } },
    );
  const settled = (id: string, stored: string[]) =>
    until(
      () => storedOf(house, id),
      (found) => JSON.stringify(found) === JSON.stringify(stored),
      `Not ${stored.join(', ')}`,
    );

  it('never releases malware, and its owner learns no signature', async () => {
    const id = await upload(house, author, eicarInJpegTail(), 'image/jpeg', 'holiday.jpg');
    expect(await rest(house, id)).toBe('QUARANTINED');

    const owners = await see(author, id);
    expect(owners.decision).toMatchObject({ verdict: 'FAIL', reasons: ['MALWARE'], decidedBy: 'system:intake' });
    const scan = owners.evidence.find(({ stage }) => stage === 'SCAN');
    expect(scan).toMatchObject({ verdict: 'FAIL', digest: '', findings: [{ code: 'SIGNATURE', detail: 'MALWARE' }] });
    expect(JSON.stringify(owners)).not.toMatch(/eicar/i);
    expect(owners).toMatchObject({ preview: null, moderationPreview: null });
    const moderators = await see(moderator, id);
    expect(JSON.stringify(moderators.evidence.find(({ stage }) => stage === 'SCAN'))).toMatch(/eicar/i);
    expect(moderators.moderationPreview).toBeNull();

    await settled(id, ['quarantine original']);
    const key = `tenants/${author.tenantId}/media/${id}/original`;
    for (const user of ['gateway', 'edge', 'janitor'])
      expect(await isReadableBy(house, user, 'quarantine', key), user).toBe(false);

    expect((await moderate(id, 'RELEASE')).code).toBe('INVALID_STATE');
    expect((await moderate(id, 'RETRY')).code).toBe('INVALID_STATE');
    expect((await moderate(id, 'REJECT')).data.moderateAsset.asset.state).toBe('REJECTED');
    expect((await moderate(id, 'REJECT')).code).toBe('NOT_FOUND');
    expect(await see(moderator, id)).toBeNull();
  }, 40_000);

  it('releases an opinion: the owner sees one CLASSIFY and no score, the moderator both', async () => {
    const id = await upload(house, otherAuthor, photograph('chelsea.png'), 'image/png', 'chelsea.png');
    expect(await rest(house, id)).toBe('QUARANTINED');
    const owners = await see(otherAuthor, id);
    expect(owners.decision).toMatchObject({ reasons: ['CONTENT_POLICY'] });
    expect(owners.evidence.map(({ stage }) => stage)).toEqual([
      'RECEIVE',
      'SNIFF',
      'SCAN',
      'INSPECT',
      'CLASSIFY',
      'DECIDE',
    ]);
    expect(owners.evidence.find(({ stage }) => stage === 'CLASSIFY')).toMatchObject({
      verdict: 'FAIL',
      tool: null,
      toolVersion: null,
      dataVersion: null,
      findings: [],
      digest: '',
    });
    const moderators = await see(moderator, id);
    expect(moderators.evidence.map(({ stage }) => stage)).toContain('MATCH');
    expect(
      moderators.evidence.find(({ stage }) => stage === 'CLASSIFY')?.findings.map(({ detail }) => detail),
    ).toContain('drawing');
    expect(moderators.moderationPreview).toMatchObject({
      url: `http://localhost:4000/moderation/preview/${id}`,
      mimeType: 'image/jpeg',
    });
    for (const { events } of [owners, moderators]) {
      expect(events.edges.map(({ node }) => node.seq)).toEqual(events.edges.map((_, index) => index + 1));
    }
    expect(owners.events.edges.some(({ node }) => node.stage === 'MATCH')).toBe(false);
    expect(
      (
        await house.ask<{ quarantine: { edges: { node: { id: string } }[] } }>(moderator, QUARANTINE)
      ).data.quarantine.edges.map(({ node }) => node.id),
    ).toContain(id);

    const { asset } = (await moderate(id, 'RELEASE')).data.moderateAsset;
    expect(asset).toMatchObject({ state: 'RENDERING', decision: { verdict: 'PASS', reasons: ['RELEASED'] } });
    expect(asset.evidence.map(({ stage }) => stage)).toEqual(moderators.evidence.map(({ stage }) => stage));
    expect(await rest(house, id)).toBe('READY');
    await settled(id, ['media original', 'media preview-1280.jpg', 'media preview-256.jpg', 'media preview-640.jpg']);
    const released = await see(otherAuthor, id);
    expect(released.decision).toMatchObject({ verdict: 'PASS', reasons: ['RELEASED'], decidedBy: 'moderator' });
    expect(released.preview).not.toBeNull();
    expect(released.events.edges.map(({ node }) => node.type).slice(-3)).toEqual([
      'MODERATED',
      'STAGE_FINISHED',
      'STAGE_FINISHED',
    ]);
    expect(released.events.edges.map(({ node }) => node.seq)).toEqual(
      released.events.edges.map((_, index) => index + 1),
    );
  }, 40_000);

  it('takes down what is on the marketplace: previews end, bytes leave the media bucket', async () => {
    const id = await upload(house, author, unlike('rocket.jpg'), 'image/jpeg', 'rocket.jpg');
    expect(await rest(house, id)).toBe('READY');
    expect((await moderate(id, 'REJECT')).code).toBe('NOT_FOUND');
    await house.ask(author, PUBLISH, { input: { assetId: id, visibility: 'MARKETPLACE' } });
    expect((await moderate(id, 'RELEASE')).code).toBe('INVALID_STATE');
    expect((await moderate(id, 'REJECT')).data.moderateAsset.asset.state).toBe('REJECTED');
    const { events, preview } = await see(author, id);
    expect(events.edges.slice(-2).map(({ node }) => `${node.type} ${node.state}`)).toEqual([
      'MODERATED QUARANTINED',
      'MODERATED REJECTED',
    ]);
    expect(preview).toBeNull();
    await settled(id, ['quarantine original']);
    const redis = new Redis(redisUrl(house.parts.ground, 'edge'));
    await until(
      () => redis.get(`epoch:asset:${id}`),
      (epoch) => epoch === '1',
      'The edge is not told',
    );
    redis.disconnect();
    expect(await see(otherBuyer, id)).toBeNull();
  }, 40_000);

  it('overrides an ordinary list, and an absolute one never', async () => {
    for (const isAbsolute of [false, true]) {
      const bytes = unlike('hubble_deep_field.jpg');
      await house.sql(
        `insert into media.block_hash (sha256, list, is_absolute, added_by) values ($1, 'test', $2, 'test')`,
        sha256(bytes),
        isAbsolute,
      );
      const id = await upload(house, author, bytes, 'image/jpeg');
      expect(await rest(house, id)).toBe('QUARANTINED');
      expect((await see(author, id)).decision).toMatchObject({ reasons: ['CONTENT_POLICY'] });
      expect((await moderate(id, 'RELEASE')).code).toBe(isAbsolute ? 'INVALID_STATE' : undefined);
      if (!isAbsolute) expect(await rest(house, id)).toBe('READY');
    }
  }, 40_000);

  it('asks again what stayed without an answer: a scanner that is away is never a pass', async () => {
    await house.parts.kill('clamd');
    const id = await upload(house, author, unlike('rocket.jpg'), 'image/jpeg');
    expect(await rest(house, id)).toBe('QUARANTINED');
    const owners = await see(author, id);
    expect(owners.decision).toMatchObject({ verdict: 'UNKNOWN', reasons: ['REVIEW'] });
    expect(owners.evidence.find(({ stage }) => stage === 'SCAN')?.verdict).toBe('UNKNOWN');
    expect((await moderate(id, 'RELEASE')).code).toBe('INVALID_STATE');
    await house.parts.restart('clamd');
    const retried = (await moderate(id, 'RETRY', moderator, 'the scanner is back')).data.moderateAsset.asset;
    expect(retried).toMatchObject({
      state: 'RECEIVED',
      decision: { reasons: ['RETRIED'], note: 'the scanner is back' },
    });
    expect((await see(author, id)).decision?.reasons).not.toContain('RETRIED');
    expect(await rest(house, id)).toBe('READY');
    expect((await see(author, id)).evidence.find(({ stage }) => stage === 'SCAN')?.verdict).toBe('PASS');
  }, 60_000);

  it('is for platform administrators, with a reason', async () => {
    const id = await seedAsset(house, { owner: author, state: 'QUARANTINED', visibility: 'PRIVATE' });
    for (const who of [author, reviewer, admin, buyer, security, otherAuthor]) {
      expect((await moderate(id, 'RELEASE', who)).code).toBe('FORBIDDEN');
      expect((await house.ask(who, QUARANTINE)).code).toBe('FORBIDDEN');
    }
    expect((await moderate(id, 'RELEASE', visitor)).code).toBe('UNAUTHENTICATED');
    expect((await moderate(id, 'RELEASE', moderator, ' ')).code).toBe('BAD_USER_INPUT');
    expect((await moderate(id, 'RELEASE', moderator, 'x'.repeat(2_001))).code).toBe('BAD_USER_INPUT');
    expect((await moderate('018f0000-0000-7000-8000-00000000dead', 'REJECT')).code).toBe('NOT_FOUND');
    expect((await moderate("'; drop table media.asset", 'REJECT')).code).toBe('NOT_FOUND');
    const words = `'); delete from media.asset; -- \0 \u202E`;
    const rejected = await moderate(id, 'REJECT', moderator, words);
    expect(rejected.code).toBeUndefined();
    // Who gave the verdict reads what he wrote.
    expect(rejected.data.moderateAsset.asset.decision).toMatchObject({
      reasons: ['REJECTED'],
      note: words.replaceAll('\0', ''),
    });
    const [note] = await house.sql<{ note: string }>(
      `select note from media.decision where asset_id = $1 and note is not null`,
      id,
    );
    expect(note?.note).toContain('delete from media.asset');
    const owners = await see(author, id);
    expect(owners.decision).toMatchObject({ reasons: ['REJECTED'], note: null });
    expect(JSON.stringify(owners)).not.toContain('delete from');
  });

  it('shows the blurred preview to a live moderator, each view in the audit trail, and to nobody else', async () => {
    const id = await upload(house, otherAuthor, photograph('chelsea.png'), 'image/png', 'chelsea.png');
    expect(await rest(house, id)).toBe('QUARANTINED');
    const key = randomBytes(32).toString('base64url');
    const { ground, running } = house.parts;
    await using door = await startModeration(
      parseModerationConfig({
        ASSAY_STORE_URL: running.store?.url,
        ASSAY_STORE_KEY: 'moderation',
        ASSAY_STORE_SECRET: ground.secrets('store-moderation'),
        ASSAY_DATABASE_URL_MEDIA_MODERATOR: databaseUrl(ground, 'media_moderator'),
        ASSAY_PRINCIPAL_KEY_MODERATION: key,
        ASSAY_PORT: '0',
      }),
      log,
    );
    const look = async (who: typeof author, audience = 'moderation', asset = id) => {
      const token = await createPrincipalSigner(key, audience)(who);
      return fetch(`${door.url}/preview/${asset}`, { headers: { authorization: `Bearer ${token}` } });
    };
    const shown = await look(moderator);
    expect(shown.status).toBe(200);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    const bytes = Buffer.from(await shown.arrayBuffer());
    expect([bytes[0], bytes[1]]).toEqual([0xff, 0xd8]);
    expect((await look(otherAuthor)).status).toBe(404);
    expect((await look(moderator, 'media')).status).toBe(401);
    expect((await fetch(`${door.url}/preview/${id}`)).status).toBe(401);
    expect((await look(moderator, 'moderation', '018f0000-0000-7000-8000-00000000dead')).status).toBe(404);
    const views = await house.sql(
      `select actor from compliance.audit_entry where action = 'moderation.view' and subject = $1`,
      id,
    );
    expect(views).toEqual([{ actor: moderator.subject }]);
    await moderate(id, 'REJECT');
    expect((await look(moderator)).status).toBe(404);
  }, 40_000);
});
