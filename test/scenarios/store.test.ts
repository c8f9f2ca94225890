import { createHash, createHmac } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { followToRest } from '../../ops/demo/follow.ts';
import { FINALIZE_UPLOAD } from '../../ops/demo/operations.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { eicarInJpegTail, photograph } from '../fixtures/make.ts';
import { sharedGround } from '../ground.ts';
import { storeAs } from './bytes.ts';
import { type Cast, castOf, type OpenUpload, openUpload, outcomeOf, post, ROCKET } from './cast.ts';

const ground = sharedGround();

describe('the form of an upload', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await castOf(ground);
  });

  const finalize = (assetId: string, bytes: Buffer) =>
    cast.author.ask(FINALIZE_UPLOAD, {
      input: { assetId, sha256: createHash('sha256').update(bytes).digest('hex') },
    });

  const violations: Readonly<Record<string, (form: OpenUpload) => { fields: Record<string, string>; bytes: Buffer }>> =
    {
      'a byte more than was declared': ({ fields }) => ({ fields, bytes: Buffer.concat([ROCKET.bytes, Buffer.of(0)]) }),
      'no byte at all': ({ fields }) => ({ fields, bytes: Buffer.alloc(0) }),
      'another content type': ({ fields }) => ({
        fields: { ...fields, 'Content-Type': 'text/html' },
        bytes: ROCKET.bytes,
      }),
      'another key': ({ fields }) => ({
        fields: { ...fields, key: fields['key']?.replace('/original', '/elsewhere') ?? '' },
        bytes: ROCKET.bytes,
      }),
      'the key of another asset': ({ fields, assetId }) => ({
        fields: {
          ...fields,
          key: fields['key']?.replace(assetId, '01977a00-0000-7000-8000-00000000dead') ?? '',
        },
        bytes: ROCKET.bytes,
      }),
      'a key that climbs': ({ fields }) => ({
        fields: { ...fields, key: `../assay-media/${fields['key']}` },
        bytes: ROCKET.bytes,
      }),
      'a bent signature': ({ fields }) => ({
        fields: { ...fields, 'x-amz-signature': '0'.repeat(64) },
        bytes: ROCKET.bytes,
      }),
      'a policy that was widened afterwards': ({ fields }) => ({
        fields: { ...fields, policy: rewritten(fields, (policy) => policy.replace(/,1,\d+\]/, ',1,999999999]')) },
        bytes: ROCKET.bytes,
      }),
      'no signature': ({ fields }) => ({ fields: { key: fields['key'] ?? '' }, bytes: ROCKET.bytes }),
      'a time that is over': ({ fields }) => {
        const policy = rewritten(fields, (text) =>
          text.replace(/"expiration":"[^"]+"/, `"expiration":"${new Date(Date.now() - 1_000).toISOString()}"`),
        );
        return { fields: signed({ ...fields, policy }, 'gateway'), bytes: ROCKET.bytes };
      },
      'the signature of a process that may not put there': ({ fields }) => ({
        fields: signed(
          {
            ...fields,
            'x-amz-credential': fields['x-amz-credential']?.replace('gateway', 'edge') ?? '',
            policy: rewritten(fields, (text) => text.replace('gateway/', 'edge/')),
          },
          'edge',
        ),
        bytes: ROCKET.bytes,
      }),
    };

  it.each(Object.entries(violations))('brings nothing with %s', async (_what, violate) => {
    const form = await openUpload(cast.author, ROCKET);
    const { fields, bytes } = violate(form);
    const status = await post(form.url, fields, bytes);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await outcomeOf(finalize(form.assetId, ROCKET.bytes))).toBe('INVALID_STATE');
  });

  it('is taken when it is signed anew as it was: the refusals above are for what they say', async () => {
    const form = await openUpload(cast.author, ROCKET);
    const policy = rewritten(form.fields, (text) => text);
    expect(await post(form.url, signed({ ...form.fields, policy }, 'gateway'), ROCKET.bytes)).toBe(204);
  });

  it('brings nothing more once it is finalized: the first bytes are the asset', async () => {
    const form = await openUpload(cast.author, { ...ROCKET, bytes: eicarInJpegTail() });
    expect(await post(form.url, form.fields, ROCKET.bytes)).toBe(204);
    // RECEIVE takes what was declared: this form declared as many bytes as the second post has.
    await finalize(form.assetId, ROCKET.bytes);
    await post(form.url, form.fields, eicarInJpegTail());
    expect(await followToRest(cast.author, form.assetId, () => undefined)).toBe('REJECTED');

    const honest = await openUpload(cast.author, ROCKET);
    expect(await post(honest.url, honest.fields, ROCKET.bytes)).toBe(204);
    await finalize(honest.assetId, ROCKET.bytes);
    await post(honest.url, honest.fields, photograph('hubble_deep_field.jpg').subarray(0, ROCKET.bytes.length));
    expect(await followToRest(cast.author, honest.assetId, () => undefined)).toBe('READY');
    const { asset } = await cast.author.ask<{ asset: { sha256: string } }>(
      `{ asset(id: "${honest.assetId}") { sha256 } }`,
    );
    expect(asset.sha256).toBe(createHash('sha256').update(ROCKET.bytes).digest('hex'));
  });
});

describe('the store', () => {
  it.each(['incoming', 'media', 'quarantine'])('shows nothing of %s to somebody without a key', async (bucket) => {
    for (const path of ['', '?list-type=2', '?versions', '/tenants']) {
      expect((await fetch(`${urlsOf(ground).store}/assay-${bucket}${path}`)).status).toBe(403);
    }
    const put = await fetch(`${urlsOf(ground).store}/assay-${bucket}/x`, { method: 'PUT', body: 'x' });
    expect(put.status).toBe(403);
  });

  /** What each process's key may do beyond its own work: nothing. */
  const REFUSED = [
    ['gateway', 'get', 'incoming'],
    ['gateway', 'get', 'media'],
    ['gateway', 'get', 'quarantine'],
    ['gateway', 'put', 'media'],
    ['intake', 'put', 'incoming'],
    ['moderation', 'get', 'incoming'],
    ['moderation', 'get', 'media'],
    ['moderation', 'put', 'quarantine'],
    ['janitor', 'get', 'media'],
    ['janitor', 'put', 'media'],
    ['edge', 'get', 'incoming'],
    ['edge', 'get', 'quarantine'],
    ['edge', 'put', 'media'],
    ['edge', 'list', 'media'],
  ] as const;

  it.each(REFUSED)('refuses %s to %s in %s', async (user, verb, bucket) => {
    const client = storeAs(ground, user);
    const target = { Bucket: `assay-${bucket}`, Key: 'tenants/x/media/y/original' };
    const asked =
      verb === 'get'
        ? client.send(new GetObjectCommand(target))
        : verb === 'put'
          ? client.send(new PutObjectCommand({ ...target, Body: 'x' }))
          : client.send(new ListObjectsV2Command({ Bucket: target.Bucket }));
    await expect(asked).rejects.toMatchObject({ name: 'AccessDenied' });
    client.destroy();
  });
});

function rewritten(fields: Readonly<Record<string, string>>, change: (policy: string) => string): string {
  const policy = Buffer.from(fields['policy'] ?? '', 'base64').toString();
  return Buffer.from(change(policy)).toString('base64');
}

/** Signs a policy with a real key of the store (AWS Signature Version 4, POST policies). */
function signed(fields: Readonly<Record<string, string>>, user: string): Record<string, string> {
  const [, date = '', region = '', service = ''] = fields['x-amz-credential']?.split('/') ?? [];
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${ground.secrets(`store-${user}`)}`,
  );
  return { ...fields, 'x-amz-signature': hmac(key, fields['policy'] ?? '').toString('hex') };
}
