import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { followToRest } from '../../ops/demo/follow.ts';
import { CREATE_DOWNLOAD, CREATE_UPLOAD, FINALIZE_UPLOAD } from '../../ops/demo/operations.ts';
import { upload } from '../../ops/demo/upload.ts';
import {
  decompressionBomb,
  eicarInJpegTail,
  eicarInZip,
  executable,
  jpegAndZip,
  jpegHeaderOverScript,
  svgWithScript,
  truncatedJpeg,
} from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { storedOf } from './bytes.ts';
import { type Cast, castOf, openUpload, outcomeOf, post, ROCKET, readyAsset } from './cast.ts';

const ground = sharedGround();
let cast: Cast;
beforeAll(async () => {
  cast = await castOf(ground);
});

interface Seen {
  readonly state: string;
  readonly preview: object | null;
  readonly moderationPreview: object | null;
  readonly decision: { readonly reasons: readonly string[] } | null;
}

const seen = async (id: string): Promise<Seen> =>
  (
    await cast.author.ask<{ asset: Seen }>(
      `{ asset(id: "${id}") { state preview { url } moderationPreview { url } decision { reasons } } }`,
    )
  ).asset;

const finalize = (assetId: string, sha256: string) => cast.author.ask(FINALIZE_UPLOAD, { input: { assetId, sha256 } });
const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('a hostile file', () => {
  it.each([
    ['an executable called .jpg', 'image/jpeg', executable(), 'REJECTED', /^(TYPE_MISMATCH|UNREADABLE)$/],
    ['a script behind a JPEG header', 'image/jpeg', jpegHeaderOverScript(), 'REJECTED', /^(TYPE_MISMATCH|UNREADABLE)$/],
    ['a photograph that is a ZIP too', 'image/jpeg', jpegAndZip(), 'REJECTED', /^TYPE_MISMATCH$/],
    ['an SVG called PNG', 'image/png', svgWithScript(), 'REJECTED', /^(TYPE_MISMATCH|UNREADABLE)$/],
    ['a truncated photograph', 'image/jpeg', truncatedJpeg(), 'REJECTED', /^UNREADABLE$/],
    ['a decompression bomb', 'image/png', decompressionBomb(), 'REJECTED', /^(TOO_LARGE|UNREADABLE)$/],
    ['malware behind a photograph', 'image/jpeg', eicarInJpegTail(), 'QUARANTINED', /^MALWARE$/],
    ['malware in a ZIP called PNG', 'image/png', eicarInZip(), 'QUARANTINED', /^MALWARE$/],
  ] as const)(
    '%s ends where it should, and no preview of it ever was',
    async (what, contentType, bytes, state, reason) => {
      const id = await upload(cast.author, { name: `${what}.jpg`, contentType, bytes });
      const previews: (object | null)[] = [];
      const watching = followToRest(cast.author, id, () => {
        void seen(id).then(({ preview }) => previews.push(preview));
      });
      expect(await watching).toBe(state);
      const asset = await seen(id);
      expect(asset.decision?.reasons.join()).toMatch(reason);
      expect([asset.preview, asset.moderationPreview, ...previews].filter(Boolean)).toEqual([]);
      // Neither the owner nor anybody else gets a way to its bytes.
      expect(await outcomeOf(cast.author.ask(CREATE_DOWNLOAD, { input: { assetId: id } }))).toBe('INVALID_STATE');
      expect((await storedOf(ground, id)).filter((entry) => entry.startsWith('media '))).toEqual([]);
    },
  );

  it('that is not what its digest says is rejected, and its bytes are gone', async () => {
    const form = await openUpload(cast.author, ROCKET);
    await post(form.url, form.fields, ROCKET.bytes);
    await finalize(form.assetId, 'a'.repeat(64));
    expect(await followToRest(cast.author, form.assetId, () => undefined)).toBe('REJECTED');
    expect((await seen(form.assetId)).decision?.reasons).toEqual(['CHECKSUM_MISMATCH']);
    await expect.poll(() => storedOf(ground, form.assetId), { timeout: 10_000 }).toEqual([]);
  });

  it('of no bytes is refused before there is a form', async () => {
    const empty = { name: 'empty.jpg', contentType: 'image/jpeg', bytes: Buffer.alloc(0) };
    expect(await outcomeOf(openUpload(cast.author, empty))).toBe('BAD_USER_INPUT');
    expect(await outcomeOf(openUpload(cast.author, ROCKET, -1))).toBe('BAD_USER_INPUT');
    expect(await outcomeOf(openUpload(cast.author, ROCKET, 50 * 1024 * 1024 * 1024))).toBe('BAD_USER_INPUT');
  });

  it.each(['video/mp4', 'image/svg+xml', 'image/jpeg; charset=x', 'IMAGE/JPEG', 'text/html', ''])(
    'of kind %j is refused before there is a form, with the field that is wrong',
    async (contentType) => {
      const answer = openUpload(cast.author, { ...ROCKET, contentType });
      await expect(answer).rejects.toMatchObject({
        response: {
          errors: [
            {
              extensions: {
                code: 'BAD_USER_INPUT',
                problems: [expect.objectContaining({ path: ['input', 'contentType'] })],
              },
            },
          ],
        },
      });
    },
  );
});

describe('a hostile name', () => {
  const RLO = '\u202E';
  it.each([
    ['../../etc/passwd.jpg', 'passwd.jpg'],
    ['..\\..\\windows\\cat.jpg', 'cat.jpg'],
    ['a\0b.jpg', 'ab.jpg'],
    [`invoice${RLO}gpj.exe`, 'invoicegpj.exe'],
    ['line\r\nSet-Cookie: a=b.jpg', 'lineSet-Cookie_ a=b.jpg'],
    ['"; drop table media.asset; --.jpg', '_; drop table media.asset; --.jpg'],
  ])('%j is kept as %j', async (fileName, kept) => {
    const { createUpload } = await cast.author.ask<{ createUpload: { asset: { fileName: string; title: string } } }>(
      'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { asset { fileName title } } }',
      { input: { title: fileName, fileName, contentType: 'image/jpeg', sizeBytes: 10 } },
    );
    expect(createUpload.asset.fileName).toBe(kept);
    expect(createUpload.asset.title).not.toMatch(/[\0\r\n\u202E]/);
  });

  it('of 4,000 characters is cut, and its download says it safely', async () => {
    const id = await readyAsset(cast.author, { ...ROCKET, name: `${'é"'.repeat(2_000)}.jpg` });
    const { asset } = await cast.author.ask<{ asset: { fileName: string } }>(`{ asset(id: "${id}") { fileName } }`);
    expect(asset.fileName.length).toBeLessThanOrEqual(255);
    const { createDownload } = await cast.author.ask<{ createDownload: { url: string } }>(CREATE_DOWNLOAD, {
      input: { assetId: id },
    });
    const answer = await fetch(createDownload.url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"\r\n]*"; filename\*=UTF-8''/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    await answer.arrayBuffer();
  });

  it.each(['', '   ', '/', '..', '\u202E'])('%j leaves nothing, and is refused', async (fileName) => {
    const input = { title: 'x', fileName, contentType: 'image/jpeg', sizeBytes: 10 };
    expect(await outcomeOf(cast.author.ask(CREATE_UPLOAD, { input }))).toBe('BAD_USER_INPUT');
  });
});

describe('finalizing', () => {
  it('ten times at once is once', async () => {
    const form = await openUpload(cast.author, ROCKET);
    await post(form.url, form.fields, ROCKET.bytes);
    const all = await Promise.all(
      Array.from({ length: 10 }, () => outcomeOf(finalize(form.assetId, digestOf(ROCKET.bytes)))),
    );
    expect(all).toEqual(Array(10).fill('ok'));
    const types: string[] = [];
    expect(await followToRest(cast.author, form.assetId, ({ type }) => types.push(type))).toBe('READY');
    expect(types.filter((type) => type === 'FINALIZED')).toHaveLength(1);
    expect(await outcomeOf(finalize(form.assetId, digestOf(ROCKET.bytes)))).toBe('ok');
  });

  it('with two digests at once takes one, and the other is CONFLICT', async () => {
    const form = await openUpload(cast.author, ROCKET);
    await post(form.url, form.fields, ROCKET.bytes);
    const both = await Promise.all(['a', 'b'].map((digit) => outcomeOf(finalize(form.assetId, digit.repeat(64)))));
    expect(both.sort()).toEqual(['CONFLICT', 'ok']);
  });

  it('before anything is stored is INVALID_STATE, and the upload can go on', async () => {
    const form = await openUpload(cast.author, ROCKET);
    expect(await outcomeOf(finalize(form.assetId, digestOf(ROCKET.bytes)))).toBe('INVALID_STATE');
    await post(form.url, form.fields, ROCKET.bytes);
    expect(await outcomeOf(finalize(form.assetId, digestOf(ROCKET.bytes)))).toBe('ok');
  });

  it('an upload of another tenant is NOT_FOUND, and changes nothing', async () => {
    const form = await openUpload(cast.author, ROCKET);
    await post(form.url, form.fields, ROCKET.bytes);
    const input = { assetId: form.assetId, sha256: digestOf(ROCKET.bytes) };
    expect(await outcomeOf(cast.stranger.ask(FINALIZE_UPLOAD, { input }))).toBe('NOT_FOUND');
    expect((await seen(form.assetId)).state).toBe('AWAITING_UPLOAD');
  });
});
