import { statSync } from 'node:fs';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, formOf, openBrowser } from './browser.ts';
import { codeFlow } from './code-flow.ts';
import { accountOf, type House, startHouse } from './house.ts';

const author = 'author@northlight.test';
const tokenAnswer = z.strictObject({
  access_token: z.string(),
  id_token: z.string(),
  expires_in: z.literal(3600),
  token_type: z.literal('Bearer'),
  scope: z.literal('').optional(),
});

describe('the embedded provider', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const { authorization, isBack, spread, fillIn, redeem } = codeFlow(() => house);

  it('offers the code flow with PKCE and nothing else', async () => {
    const metadata = await (await fetch(`${house.issuer}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      issuer: house.issuer,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid'],
      id_token_signing_alg_values_supported: ['ES256'],
      end_session_endpoint: `${house.issuer}/session/end`,
    });
    for (const absent of [
      'userinfo_endpoint',
      'registration_endpoint',
      'introspection_endpoint',
      'revocation_endpoint',
    ])
      expect(metadata).not.toHaveProperty(absent);
  });

  it('gives an access token for the API that says which sign-in it belongs to, and no refresh token', async () => {
    const { url } = await fillIn(openBrowser(), author, house.passwordOf(author));
    expect(url.origin).toBe('http://127.0.0.1:51234');
    expect(url.searchParams.get('state')).toBe('a-state');
    expect(url.searchParams.get('iss')).toBe(house.issuer);
    const tokens = tokenAnswer.parse(await (await redeem(url.searchParams.get('code'))).json());
    const jwks = createRemoteJWKSet(new URL('/jwks', house.issuer));
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, jwks, {
      issuer: house.issuer,
      audience: 'assay',
    });
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(payload).toMatchObject({
      sub: accountOf(author).id,
      client_id: 'cli',
      sid: expect.any(String),
      amr: ['pwd'],
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(JSON.stringify(payload)).not.toContain('@');
    expect(JSON.stringify(decodeJwt(tokens.id_token))).not.toContain('@');
  });

  it('redeems a code once, even when asked twice at the same moment, and only with its verifier', async () => {
    const wrong = await fillIn(openBrowser(), author, house.passwordOf(author));
    expect((await redeem(wrong.url.searchParams.get('code'), { code_verifier: 'x'.repeat(43) })).status).toBe(400);
    const { url } = await fillIn(openBrowser(), author, house.passwordOf(author));
    const code = url.searchParams.get('code');
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await redeem(code)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect((await redeem(code)).status).toBe(400);
  });

  it.each([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with plain PKCE', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ['for a token at once', { response_type: 'id_token', nonce: 'n' }],
  ])('refuses a request %s', async (_what, changes) => {
    const { url } = await openBrowser().follow(authorization(changes), (at) => at.hostname === '127.0.0.1');
    const answer = url.searchParams.get('error') ?? new URLSearchParams(url.hash.slice(1)).get('error');
    expect(answer).toMatch(/^(invalid_request|unsupported_response_type|unauthorized_client)$/);
  });

  it.each([
    'https://evil.test/callback',
    'http://127.0.0.1:51234/other',
    'http://localhost:51234/callback',
    'http://127.0.0.1.evil.test/callback',
    'http://127.0.0.1:51234/callback?next=evil',
    'http://user@127.0.0.1:51234/callback',
  ])('sends nobody to %s', async (redirect_uri) => {
    const { url, response, html } = await openBrowser().follow(authorization({ redirect_uri }));
    expect([url.origin, response.status]).toEqual([house.issuer, 400]);
    expect(html).toContain('That did not work');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('keeps a sign-in over a restart, and its keys', async () => {
    const browser = openBrowser();
    await browser.follow(
      ...spread(formOf(...(await page(browser)), { email: author, password: house.passwordOf(author) })),
    );
    const keysBefore = await (await fetch(`${house.issuer}/jwks`)).json();
    await house.stopProvider();
    await house.startProvider();
    expect(await (await fetch(`${house.issuer}/jwks`)).json()).toEqual(keysBefore);
    const { url } = await browser.follow(authorization(), isBack);
    expect(url.pathname).toBe('/callback');
    expect((await redeem(url.searchParams.get('code'))).status).toBe(200);
  });

  const page = async (browser: Browser): Promise<[URL, string]> => {
    const { url, html } = await browser.follow(authorization(), isBack);
    return [url, html];
  };

  it('signs out when asked to, after asking back', async () => {
    const browser = openBrowser();
    await browser.follow(
      ...spread(formOf(...(await page(browser)), { email: author, password: house.passwordOf(author) })),
    );
    const end = new URL('/session/end', house.issuer);
    end.search = new URLSearchParams({
      client_id: 'console',
      post_logout_redirect_uri: `${house.consoleUrl}/`,
    }).toString();
    const { url, html } = await browser.follow(end);
    expect(html).toContain('Sign out of Assay?');
    const [action, init] = formOf(url, html, { logout: 'yes' });
    const done = await browser.follow(action, (at) => at.host === new URL(house.consoleUrl).host, init);
    expect(done.url.href).toBe(`${house.consoleUrl}/`);
    expect((await browser.follow(authorization(), isBack)).html).toContain('type="password"');
  });

  it('has its secrets in a file of its owner alone', async () => {
    expect(statSync(`${house.parts.ground.stateDir}/oidc/keys.json`).mode & 0o777).toBe(0o600);
  });
});
