import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photograph } from '../../../../test/fixtures/make.ts';
import { createPreviewLinks } from '../../src/preview-link.ts';
import { type House, openHouse, rest, upload } from './house.ts';
import { author } from './people.ts';

const ASSET = /* GraphQL */ `query ($id: ID!) {
  asset(id: $id) {
    id state kind mimeType sizeBytes sha256 visibility
    preview { url width height mimeType sizes { url width height } }
    moderationPreview { url }
    evidence { stage verdict tool digest }
    decision { verdict policyVersion reasons decidedBy }
    events { edges { cursor node { cursor seq type state stage verdict progress { done total } } } }
  }
}`;

describe('an upload', () => {
  let house: House;
  let worker: AsyncDisposable & { readonly url: string };

  beforeAll(async () => {
    house = await openHouse();
    worker = await house.startIntake();
  }, 60_000);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await house?.[Symbol.asyncDispose]();
  });

  it('of a photograph becomes READY, with previews, evidence of each stage and its events', async () => {
    const id = await upload(house, author, photograph('rocket.jpg'), 'image/jpeg', 'rocket.jpg');
    expect(await rest(house, id)).toBe('READY');
    const { data } = await house.ask<{ asset: { preview: { url: string } } }>(author, ASSET, { id });
    expect(data.asset).toMatchObject({ state: 'READY', kind: 'IMAGE', mimeType: 'image/jpeg' });
    const signed = new URL(data.asset.preview.url).pathname.slice(3);
    expect(createPreviewLinks(house.previewKey).open(signed, Date.now())).toMatchObject({ epoch: '0' });
  }, 40_000);
});
