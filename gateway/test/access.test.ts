import { readFileSync, writeFileSync } from 'node:fs';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, eventually } from '../../subgraphs/identity/test/house.ts';
import type { RequestFacts } from '../src/access/port.ts';
import { type AccessHouse, startAccessHouse } from './access-house.ts';
import { author, forging } from './forge.ts';

describe('who asks', { timeout: 30_000 }, () => {
  let home: AccessHouse;
  beforeAll(async () => {
    home = await startAccessHouse();
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
  });

  const { bearer, keysFile, signingKey, nowS, claims, forge } = forging(() => home);

  it('is a visitor, with the storefront to read, when nothing is said', async () => {
    const { principal } = await home.whoAmI({ 'user-agent': 'x' });
    expect(principal).toMatchObject({
      subject: null,
      tenantId: null,
      roles: [],
      scopes: ['storefront:read'],
      sessionId: null,
    });
    expect(principal?.address).toMatch(/^(127\.0\.0\.0\/24|::\/48)$/);
  });

  it('is the account of a token, as identity knows it', async () => {
    const { principal } = await home.whoAmI(bearer(await home.house.tokenOf(author)));
    const { id, tenantId } = accountOf(author);
    expect(principal).toMatchObject({
      subject: id,
      tenantId,
      roles: ['author'],
      tier: 'ENTERPRISE',
      entitlements: ['AI'],
      issuer: home.house.issuer,
      amr: ['pwd'],
      risk: 0,
    });
    expect(principal?.scopes).toContain('media:ai:generate');
    expect(principal?.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(principal?.expiresAt).toBeGreaterThan(nowS() + 3500);
  });

  it('takes no roles or tenants from a token or a header', async () => {
    const token = await forge(
      claims({ roles: ['platform_admin'], tenant: 'x', scope: 'media:admin', realm_access: { roles: ['admin'] } }),
    );
    const { principal } = await home.whoAmI({
      ...bearer(token),
      'x-tenant': 'x',
      'x-roles': 'platform_admin',
      'x-user': 'x',
    });
    expect(principal).toMatchObject({ roles: ['author'], tenantId: accountOf(author).tenantId });
    expect(principal?.scopes).not.toContain('media:admin');
  });

  const forgeries: Record<string, () => Promise<string>> = {
    'another audience': () => forge(claims({ aud: 'another-api' })),
    'the client as audience, like an ID token': () => forge(claims({ aud: 'console' })),
    'no audience': () => forge(claims({ aud: undefined as unknown as string })),
    'another issuer': () => forge(claims({ iss: 'http://127.0.0.2:1' })),
    'an issuer with a slash more': () => forge(claims({ iss: `${home.house.issuer}/` })),
    'no sid': () => forge(claims({ sid: undefined })),
    'no end': () => forge(claims({ exp: undefined as unknown as number })),
    'a beginning in the future': () => forge(claims({ iat: nowS() + 600 })),
    'not before tomorrow': () => forge(claims({ nbf: nowS() + 86_400 })),
    'an unknown account': () => forge(claims({ sub: '018f0000-0000-7000-8000-000000000000' })),
    'an e-mail address as subject': () => forge(claims({ sub: author })),
    'no signature at all': async () => new UnsecuredJWT(claims()).encode(),
    'another key under the same id': async () => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      return forge(claims(), {}, await exportJWK(privateKey));
    },
    'an unknown key': async () => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      return forge(claims(), { kid: 'nobody' }, await exportJWK(privateKey));
    },
    'the public key as a shared secret': async () => {
      const { d: _private, ...jwk } = signingKey();
      const key = await importJWK(jwk, 'ES256');
      if (key instanceof Uint8Array) throw new Error('no key');
      const secret = new TextEncoder().encode(await exportSPKI(key));
      return new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: String(jwk.kid) }).sign(secret);
    },
    'a key of its own in the header': async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      return new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(publicKey) })
        .sign(privateKey);
    },
    'a changed claim': async () => {
      const [header, , signature] = (await forge(claims())).split('.');
      const payload = Buffer.from(JSON.stringify(claims({ sub: accountOf('platform@assay.test').id }))).toString(
        'base64url',
      );
      return [header, payload, signature].join('.');
    },
    nonsense: async () => 'a.b.c',
    'ten thousand characters': async () => 'a'.repeat(10_000),
  };
  it.each(Object.entries(forgeries))('refuses a token with %s, and says no more than that', async (_what, make) => {
    expect(await home.whoAmI(bearer(await make()))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringMatching(/^(The access token is not valid\.|The session has ended\. Sign in again\.)$/),
    });
  });

  it('says of an expired token that it has expired', async () => {
    const answer = await home.whoAmI(bearer(await forge(claims({ iat: nowS() - 700, exp: nowS() - 1 }))));
    expect(answer).toMatchObject({ code: 'UNAUTHENTICATED', message: 'The access token has expired.' });
  });

  it('sees the end of a token that it has seen alive', async () => {
    const token = await forge(claims({ sid: 'short-lived', exp: nowS() + 2 }));
    expect(await home.whoAmI(bearer(token))).toMatchObject({ status: 200 });
    await eventually(
      'the end',
      3_500,
      async () => (await home.whoAmI(bearer(token))).message === 'The access token has expired.',
    );
  });

  it.each(['Basic eDp5', 'Bearer', 'Bearer a b', 'bearer ', 'Token x'])(
    'takes %j for no visitor',
    async (authorization) => {
      expect(await home.whoAmI({ authorization })).toMatchObject({ code: 'UNAUTHENTICATED' });
    },
  );

  it('cannot be told while the database is away, and is nobody’s guess then', async () => {
    const token = await forge(claims({ sid: 'database-away' }));
    await home.house.parts.kill('postgres');
    expect(await home.whoAmI(bearer(token))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await home.house.parts.restart('postgres');
    await eventually('the answer', 10_000, async () => (await home.whoAmI(bearer(token))).status === 200);
  });

  it('goes on without the provider where the key is known, and stops where it is not', async () => {
    const known = await forge(claims({ sid: 'provider-away' }));
    expect(await home.whoAmI(bearer(known))).toMatchObject({ status: 200 });
    await home.house.stopProvider();
    expect(await home.whoAmI(bearer(await forge(claims({ sid: 'provider-away-2' }))))).toMatchObject({ status: 200 });
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: 'rotated', alg: 'ES256', use: 'sig' };
    const rotated = await forge(claims({ sid: 'rotated' }), { kid: 'rotated' }, jwk);
    await eventually(
      'the refusal',
      8_000,
      async () => (await home.whoAmI(bearer(rotated))).code === 'UPSTREAM_UNAVAILABLE',
    );
    const keys = JSON.parse(readFileSync(keysFile(), 'utf8')) as { signing: JWK[] };
    writeFileSync(keysFile(), JSON.stringify({ ...keys, signing: [jwk, ...keys.signing] }));
    await home.house.startProvider();
    await eventually('the new key', 8_000, async () => (await home.whoAmI(bearer(rotated))).status === 200);
    expect(await home.whoAmI(bearer(known))).toMatchObject({ status: 200 });
  });

  const upgrade = (headers: Record<string, string>): RequestFacts => ({
    method: 'GET',
    headers,
    address: '127.0.0.1',
    requestId: 'r',
  });

  it.each([
    [{}, true],
    [{ origin: 'ORIGIN' }, true],
    [{ origin: 'https://console.assay.test', cookie: 'x=y' }, true],
    [{ origin: 'https://evil.test' }, false],
    [{ origin: 'null' }, false],
    [{ cookie: '__Host-assay=x' }, false],
    [{ cookie: 'anything=x' }, false],
    [{ cookie: '__Host-assay=x', origin: 'http://localhost:1' }, false],
  ])('upgrades a socket with %j: %s', (headers, allowed) => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('ORIGIN', home.url)]),
    );
    expect(home.access.isUpgradeAllowed(upgrade(filled))).toBe(allowed);
  });

  it('is on a socket whom the token names, whatever the cookie says', async () => {
    const token = await forge(claims({ sid: 'socket' }));
    const facts = upgrade({ cookie: '__Host-assay=stale', origin: home.url });
    expect((await home.access.principalOfSocket(facts, `Bearer ${token}`)).subject).toBe(accountOf(author).id);
    await expect(home.access.principalOfSocket(facts, undefined)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(home.access.principalOfSocket(facts, 'Bearer x')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await home.access.principalOfSocket(upgrade({}), undefined)).subject).toBeNull();
  });
});
