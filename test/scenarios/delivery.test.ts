import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { CREATE_DOWNLOAD, ISSUE_LICENSE, MODERATE } from '../../ops/demo/operations.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { sharedGround } from '../ground.ts';
import { type Cast, castOf, outcomeOf, publish, ROCKET, readyAsset, until } from './cast.ts';

const ground = sharedGround();
const edge = urlsOf(ground).edge;

describe('a licensed download', () => {
  let cast: Cast;
  let assetId: string;
  let key: string;
  beforeAll(async () => {
    cast = await castOf(ground);
    assetId = await readyAsset(cast.author);
    await publish(cast.author, assetId, 'MARKETPLACE');
    key = await issue(assetId, 1);
  });

  const buyersTenant = async () =>
    (await cast.buyer.ask<{ me: { tenant: { id: string } } }>('{ me { tenant { id } } }')).me.tenant.id;
  const issue = async (asset: string, seats: number): Promise<string> => {
    const input = { assetId: asset, tenantId: await buyersTenant(), seats };
    return (await cast.author.ask<{ issueLicense: { key: string } }>(ISSUE_LICENSE, { input })).issueLicense.key;
  };
  const grant = async (asset = assetId, licenseKey = key): Promise<string> =>
    (
      await cast.buyer.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, {
        input: { assetId: asset, licenseKey },
      })
    ).createDownload.url;
  const spend = async (url: string) => {
    const answer = await fetch(url, { redirect: 'manual' });
    await answer.arrayBuffer();
    return { status: answer.status, location: new URL(answer.headers.get('location') ?? '/', edge).href };
  };

  it('is the file, byte for byte, once', async () => {
    const url = await grant();
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    const answer = await fetch(url);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      createHash('sha256').update(ROCKET.bytes).digest('hex'),
    );
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect((await fetch(url)).status).toBe(404);
  });

  it('has one winner of a hundred who come at once', async () => {
    const url = await grant();
    const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await spend(url)).status));
    expect(statuses.filter((status) => status === 303)).toHaveLength(1);
    expect(statuses.filter((status) => status === 404)).toHaveLength(99);
  });

  it('is refused word for word alike when spent, bent, unknown or not there', async () => {
    const url = await grant();
    await spend(url);
    const bent = `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`;
    const words = await Promise.all(
      [url, bent, `${edge}/d/${'A'.repeat(43)}`, `${edge}/d/x`, `${edge}/nothing`, `${edge}/l/x/y`, `${edge}/p/x`].map(
        async (each) => {
          const answer = await fetch(each);
          const headers = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
          return JSON.stringify([answer.status, headers, await answer.text()]);
        },
      ),
    );
    expect(new Set(words).size).toBe(1);
    expect(words[0]).toMatch(/^\[404/);
  });

  it('takes a seat the first time, and the same one later; another person of the tenant finds none left', async () => {
    expect(await outcomeOf(grant())).toBe('ok');
    const input = { assetId, licenseKey: key };
    expect(await outcomeOf(cast.stranger.ask(CREATE_DOWNLOAD, { input }))).toBe('CONFLICT');
  });

  it('with a wrong key, tenant or asset gets one and the same answer', async () => {
    const other = await readyAsset(cast.author);
    const otherKey = await issue(other, 1);
    const ask = (caller: Cast[keyof Cast], asset: string, licenseKey: string) =>
      outcomeOf(caller.ask(CREATE_DOWNLOAD, { input: { assetId: asset, licenseKey } }));
    expect(await ask(cast.buyer, assetId, otherKey)).toBe('NOT_FOUND');
    expect(await ask(cast.buyer, other, key)).toBe('NOT_FOUND');
    expect(await ask(cast.reviewer, assetId, key)).toBe('NOT_FOUND');
    expect(await ask(cast.buyer, assetId, `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`)).toBe(
      'BAD_USER_INPUT',
    );
  });

  it('never shows where the store is', async () => {
    const url = await grant();
    const { location } = await spend(url);
    expect(new URL(location).origin).toBe(edge);
    const answer = await fetch(location);
    const said = JSON.stringify([...answer.headers]);
    expect(said).not.toMatch(/x-amz|versity|tenants\//i);
    expect(answer.headers.get('location')).toBeNull();
    await answer.arrayBuffer();
  });

  it('ends within five seconds when the asset is quarantined, also with a lease', async () => {
    const id = await readyAsset(cast.author);
    await publish(cast.author, id, 'MARKETPLACE');
    const ownKey = await issue(id, 1);
    const unspent = await grant(id, ownKey);
    const { location } = await spend(await grant(id, ownKey));
    expect((await fetch(location, { headers: { range: 'bytes=0-9' } })).status).toBe(206);
    const input = { assetId: id, verdict: 'REJECT', reason: 'Taken down.' };
    await cast.moderator.ask(MODERATE, { input });
    const from = Date.now();
    await until(
      async () => (await fetch(location, { headers: { range: 'bytes=0-9' } })).status,
      (status) => status === 404,
    );
    expect((await spend(unspent)).status).toBe(404);
    expect(Date.now() - from).toBeLessThan(5_000);
    expect(await outcomeOf(grant(id, ownKey))).toMatch(/^(INVALID_STATE|NOT_FOUND)$/);
  });

  it('goes on for a running licence when the owner deletes the asset, and new licences are refused', async () => {
    const id = await readyAsset(cast.author);
    await publish(cast.author, id, 'MARKETPLACE');
    const ownKey = await issue(id, 1);
    const unspent = await grant(id, ownKey);
    const { location } = await spend(await grant(id, ownKey));
    const owners = await owned(id);
    const { location: ownersLease } = await spend(await owned(id));
    const { deleteAsset } = await cast.author.ask<{ deleteAsset: { asset: { state: string } } }>(
      `mutation { deleteAsset(input: { assetId: "${id}" }) { asset { state } } }`,
    );
    expect(deleteAsset.asset.state).toBe('DELETED');
    expect(await outcomeOf(issue(id, 1))).toBe('INVALID_STATE');
    const range = { headers: { range: 'bytes=0-9' } };
    await until(
      async () => (await fetch(ownersLease, range)).status,
      (status) => status === 404,
    );
    expect((await spend(owners)).status).toBe(404);
    expect((await fetch(location, range)).status).toBe(206);
    expect((await spend(unspent)).status).toBe(303);
    expect((await fetch(await grant(id, ownKey))).status).toBe(200);
    expect(await listed('{ mine: true }')).not.toContain(id);
    expect(await listed('{ mine: true, states: [DELETED] }')).toContain(id);
  });

  /** A link of the owner's own. */
  const owned = async (asset: string): Promise<string> =>
    (await cast.author.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, { input: { assetId: asset } }))
      .createDownload.url;

  const listed = async (filter: string): Promise<string[]> => {
    const { assets } = await cast.author.ask<{ assets: { edges: { node: { id: string } }[] } }>(
      `{ assets(first: 200, filter: ${filter}) { edges { node { id } } } }`,
    );
    return assets.edges.map(({ node }) => node.id);
  };
});

describe('a preview', () => {
  it('is the watermarked picture, without a cookie or token, and not one bent byte of its address', async () => {
    const cast = await castOf(ground);
    const id = await readyAsset(cast.author);
    await publish(cast.author, id, 'MARKETPLACE');
    const { asset } = await cast.visitor.ask<{
      asset: { preview: { url: string; mimeType: string; sizes: { url: string; width: number }[] } };
    }>(`{ asset(id: "${id}") { preview { url mimeType sizes { url width } } } }`);
    for (const { url } of asset.preview.sizes) {
      const answer = await fetch(url);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, asset.preview.mimeType]);
      expect(Buffer.from(await answer.arrayBuffer()).includes(Buffer.from('Exif'))).toBe(false);
      const at = url.length - 5;
      const bent = `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`;
      expect((await fetch(bent)).status).toBe(404);
    }
  });

  it('is over for the links of strangers once the asset is taken back; its owner sees it by a new one', async () => {
    const cast = await castOf(ground);
    const id = await readyAsset(cast.author);
    await publish(cast.author, id, 'MARKETPLACE');
    const shown = (caller: Cast[keyof Cast]) =>
      caller.ask<{ asset: { preview: { url: string } } }>(`{ asset(id: "${id}") { preview { url } } }`);
    const { url } = (await shown(cast.visitor)).asset.preview;
    expect((await fetch(url)).status).toBe(200);
    await publish(cast.author, id, 'PRIVATE');
    await until(
      async () => (await fetch(url)).status,
      (status) => status === 404,
    );
    expect((await fetch((await shown(cast.author)).asset.preview.url)).status).toBe(200);
  });
});
