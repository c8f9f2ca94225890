import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decompressionBomb,
  eicarInJpegTail,
  eicarInZip,
  executable,
  jpegAndZip,
  jpegHeaderOverScript,
  photograph,
  svgWithScript,
  truncatedJpeg,
} from '../../../../test/fixtures/make.ts';
import { createPreviewLinks } from '../../src/preview-link.ts';
import { FINALIZE, type House, openHouse, rest, sha256, until, upload, uploadOnly } from './house.ts';
import { author } from './people.ts';
import { isReadableBy, storedOf } from './store.ts';

const ASSET = /* GraphQL */ `query ($id: ID!) {
  asset(id: $id) {
    id state kind mimeType sizeBytes sha256 readyAt
    preview { url width height mimeType sizes { url width height } }
    evidence { stage verdict }
    decision { verdict policyVersion reasons decidedBy }
    events { edges { node { seq type state stage verdict progress { done total } } } }
  }
}`;

interface Seen {
  asset: {
    preview: { url: string; sizes: unknown[] } | null;
    evidence: { stage: string; verdict: string }[];
    decision: { reasons: string[] };
    events: {
      edges: { node: { seq: number; type: string; state: string; stage: string | null; verdict: string | null } }[];
    };
  };
}

const PREVIEWS = ['media preview-1280.jpg', 'media preview-256.jpg', 'media preview-640.jpg'];

describe('intake', () => {
  let house: House;
  let worker: AsyncDisposable & { readonly url: string };
  beforeAll(async () => {
    house = await openHouse();
    worker = await house.startIntake();
  }, 60_000);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await house?.[Symbol.asyncDispose]();
  }, 30_000);

  const see = async (id: string) => (await house.ask<Seen>(author, ASSET, { id })).data.asset;
  const settled = (id: string, stored: string[]) =>
    until(
      () => storedOf(house, id),
      (found) => JSON.stringify(found) === JSON.stringify(stored),
      `Not ${stored.join(', ')}`,
    );

  it('makes a photograph READY, with previews, evidence of each stage, and its events in order', async () => {
    const bytes = photograph('rocket.jpg');
    const id = await upload(house, author, bytes, 'image/jpeg', 'rocket.jpg');
    expect(await rest(house, id)).toBe('READY');
    const asset = await see(id);
    expect(asset).toMatchObject({
      kind: 'IMAGE',
      mimeType: 'image/jpeg',
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
      decision: { verdict: 'PASS', policyVersion: 'intake-1/1', reasons: [], decidedBy: 'system:intake' },
    });
    expect(asset.evidence.map(({ stage, verdict }) => `${stage} ${verdict}`)).toEqual(
      ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'CLASSIFY', 'DECIDE', 'RENDER', 'PUBLISH'].map(
        (stage) => `${stage} PASS`,
      ),
    );
    expect(asset.preview?.sizes).toHaveLength(3);
    const signed = new URL(asset.preview?.url ?? '').pathname.slice('/p/'.length);
    expect(createPreviewLinks(house.previewKey).open(signed, Date.now())).toMatchObject({ epoch: '0' });
    const events = asset.events.edges.map(({ node }) => node);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1])).toEqual([
      'AWAITING_UPLOAD',
      'RECEIVED',
      'SCANNING',
      'INSPECTING',
      'CLASSIFYING',
      'RENDERING',
      'READY',
    ]);
    expect(events.filter(({ type }) => type === 'PROGRESS').at(-1)).toMatchObject({
      stage: 'SCAN',
      progress: { done: bytes.length, total: bytes.length },
    });
    await settled(id, ['media original', ...PREVIEWS]);
    expect(await isReadableBy(house, 'gateway', 'media', `tenants/${author.tenantId}/media/${id}/original`)).toBe(
      false,
    );
    const actions = await house.sql(
      'select actor, action, outcome from compliance.audit_entry where subject = $1 order by id',
      id,
    );
    expect(actions).toEqual([
      { actor: author.subject, action: 'asset.create', outcome: 'AWAITING_UPLOAD' },
      { actor: author.subject, action: 'asset.finalize', outcome: 'RECEIVED' },
      { actor: 'system:intake', action: 'asset.decide', outcome: 'RENDERING' },
    ]);
  }, 40_000);

  it.each([
    ['an executable called .jpg', 'image/jpeg', executable(), 'REJECTED', 'TYPE_MISMATCH'],
    ['a script behind a JPEG header', 'image/jpeg', jpegHeaderOverScript(), 'REJECTED', null],
    ['a photograph that is a ZIP too', 'image/jpeg', jpegAndZip(), 'REJECTED', 'TYPE_MISMATCH'],
    ['an SVG called PNG', 'image/png', svgWithScript(), 'REJECTED', 'TYPE_MISMATCH'],
    ['a photograph cut in half', 'image/jpeg', truncatedJpeg(), 'REJECTED', 'UNREADABLE'],
    ['a decompression bomb', 'image/png', decompressionBomb(), 'REJECTED', 'TOO_LARGE'],
    ['a PNG called JPEG', 'image/jpeg', photograph('coffee.png'), 'REJECTED', 'TYPE_MISMATCH'],
    ['malware behind a photograph', 'image/jpeg', eicarInJpegTail(), 'QUARANTINED', 'MALWARE'],
    ['malware in a ZIP called PNG', 'image/png', eicarInZip(), 'QUARANTINED', 'MALWARE'],
  ])(
    'takes %s for what it is',
    async (_what, contentType, bytes, state, reason) => {
      const id = await upload(house, author, bytes, contentType);
      expect(await rest(house, id)).toBe(state);
      const asset = await see(id);
      expect(asset.decision.reasons).toEqual([reason ?? expect.stringMatching(/^(TYPE_MISMATCH|UNREADABLE)$/)]);
      expect(asset.evidence.map(({ stage }) => stage)).toEqual(
        expect.arrayContaining(['RECEIVE', 'SNIFF', 'SCAN', 'DECIDE']),
      );
      expect(asset.preview).toBeNull();
      await settled(id, ['quarantine original']);
    },
    40_000,
  );

  it('deletes what is not what was announced', async () => {
    const id = await uploadOnly(house, author, photograph('rocket.jpg'), 'image/jpeg');
    await house.ask(author, FINALIZE, { input: { assetId: id, sha256: 'a'.repeat(64) } });
    expect(await rest(house, id)).toBe('REJECTED');
    expect((await see(id)).decision.reasons).toEqual(['CHECKSUM_MISMATCH']);
    await settled(id, []);
  }, 40_000);

  it('tells at its door what it stands on', async () => {
    const health = async () => (await fetch(`${worker.url}/health`)).json() as Promise<Record<string, unknown>>;
    expect(await health()).toMatchObject({
      status: 'ready',
      parts: {
        clamd: { ok: true, engine: expect.stringMatching(/^\d/) },
        queue: { ok: true, depth: expect.any(Number) },
        jobs: { ok: true },
      },
    });
    await house.parts.kill('clamd');
    expect((await fetch(`${worker.url}/health`)).status).toBe(503);
    expect(await health()).toMatchObject({ status: 'unready', parts: { clamd: { ok: false } } });
    expect((await fetch(`${worker.url}/health/live`)).status).toBe(200);
    await house.parts.restart('clamd');
    await until(health, ({ status }) => status === 'ready', 'The worker is not ready again');
  }, 40_000);
});
