import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Browser, formOf, openBrowser } from './browser.ts';
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

  const verifier = randomBytes(32).toString('base64url');
  const authorization = (changes: Record<string, string | undefined> = {}) => {
    const url = new URL('/auth', house.issuer);
    const parameters: Record<string, string | undefined> = {
      client_id: 'cli',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:51234/callback',
      scope: 'openid',
      state: 'a-state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    };
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  };
  const isBack = (url: URL) => url.pathname === '/callback';
  const fillIn = async (browser: Browser, email: string, password: string, changes: Record<string, string> = {}) => {
    const { url, html } = await browser.follow(authorization(changes), isBack);
    return browser.follow(...spread(formOf(url, html, { email, password })));
  };
  const spread = ([url, init]: [URL, RequestInit]) => [url, isBack, init] as const;
  const redeem = (code: string | null, changes: Record<string, string> = {}) =>
    fetch(`${house.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'cli',
        redirect_uri: 'http://127.0.0.1:51234/callback',
        code: code ?? '',
        code_verifier: verifier,
        ...changes,
      }),
    });
  const failures = () =>
    house.eyes.$queryRaw<
      { subject: string; outcome: string; actor: string; tenant_id: string | null; address: string }[]
    >`
      select subject, outcome, actor, tenant_id::text, address from compliance.audit_entry where action = 'session.login_failed' order by at`;
  const forgetAttempts = () => house.eyes.$executeRaw`delete from identity.login_attempt`;

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

  it('has a form without a script, for password managers and screen readers, that nobody can frame', async () => {
    const { response, html } = await openBrowser().follow(authorization({ login_hint: '"><script>alert(1)</script>' }));
    expect(html).not.toContain('<script');
    expect(html).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    for (const part of [
      '<label for="email">',
      '<label for="password">',
      'autocomplete="username"',
      'autocomplete="current-password"',
      'lang="en"',
    ])
      expect(html).toContain(part);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:51234");
    expect(response.headers.get('cache-control')).toBe('no-store');
    const cookies = response.headers.getSetCookie().join('\n');
    expect(cookies.toLowerCase()).not.toContain('samesite=none');
  });

  it('answers an unknown address as it answers a wrong password, and writes both down', async () => {
    await forgetAttempts();
    const before = (await failures()).length;
    const answers = [];
    for (const email of [author, 'nobody@northlight.test']) {
      const { response, html } = await fillIn(openBrowser(), email, 'wrong');
      answers.push({
        status: response.status,
        html: html.replaceAll(email, 'EMAIL').replace(/sign-in\/[\w-]+/g, 'sign-in/UID'),
      });
    }
    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.html).toContain('role="alert"');
    expect(answers[1]).toEqual(answers[0]);
    expect((await failures()).slice(before)).toEqual([
      {
        subject: accountOf(author).id,
        outcome: 'REFUSED',
        actor: 'anonymous',
        tenant_id: accountOf(author).tenantId,
        address: '127.0.0.0/24',
      },
      { subject: 'unknown', outcome: 'REFUSED', actor: 'anonymous', tenant_id: null, address: '127.0.0.0/24' },
    ]);
  });

  it('takes the same time for both', async () => {
    const times: Record<string, number[]> = { [author]: [], 'nobody@northlight.test': [] };
    for (let round = 0; round < 12; round += 1) {
      await forgetAttempts();
      for (const [email, measured] of Object.entries(times)) {
        const browser = openBrowser();
        const { url, html } = await browser.follow(authorization());
        const [action, init] = formOf(url, html, { email, password: 'wrong' });
        const from = performance.now();
        await browser.go(action, init);
        measured.push(performance.now() - from);
      }
    }
    const [known = 0, unknown = 0] = Object.values(times).map((measured) => measured.sort((a, b) => a - b)[3]);
    expect(Math.abs(known - unknown) / Math.max(known, unknown)).toBeLessThan(0.4);
  });

  it('stops guessing after ten attempts, the right password included, and lets others sign in meanwhile', async () => {
    await forgetAttempts();
    const before = (await failures()).length;
    const statuses = await Promise.all(
      Array.from({ length: 14 }, async () => (await fillIn(openBrowser(), author, 'wrong')).response.status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    const right = await fillIn(openBrowser(), author.toUpperCase(), house.passwordOf(author));
    expect(right.response.status).toBe(429);
    expect(right.response.headers.get('retry-after')).toBe('900');
    expect(
      (await fillIn(openBrowser(), 'buyer@tidepool.test', house.passwordOf('buyer@tidepool.test'))).url.pathname,
    ).toBe('/callback');
    const outcomes = (await failures()).slice(before).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'REFUSED')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(1);
    await house.eyes.$executeRaw`update identity.login_attempt set ends_at = now()`;
    expect((await fillIn(openBrowser(), author, house.passwordOf(author))).url.pathname).toBe('/callback');
  });

  it('stops spraying one password over many accounts', async () => {
    await forgetAttempts();
    await house.eyes
      .$executeRaw`insert into identity.login_attempt values (sha256('127.0.0.0/24'), 100, now() + interval '1 minute')`;
    expect((await fillIn(openBrowser(), 'another@northlight.test', 'wrong')).response.status).toBe(429);
    await forgetAttempts();
  });

  it('gives its attempts back to whoever knows the password', async () => {
    await forgetAttempts();
    for (let round = 0; round < 3; round += 1) {
      for (let wrong = 0; wrong < 4; wrong += 1) await fillIn(openBrowser(), author, 'wrong');
      expect((await fillIn(openBrowser(), author, house.passwordOf(author))).url.pathname).toBe('/callback');
    }
    expect(await house.eyes.$queryRaw`select attempts from identity.login_attempt`).toEqual([{ attempts: 0 }]);
  });

  it('takes the form from its own page and browser only', async () => {
    const browser = openBrowser();
    const { url, html } = await browser.follow(authorization());
    const [action, init] = formOf(url, html, { email: author, password: house.passwordOf(author) });
    expect((await browser.go(action, { ...init, headers: { origin: 'https://evil.test' } })).status).toBe(403);
    expect((await browser.go(action, { ...init, headers: { origin: 'null' } })).status).toBe(403);
    expect((await openBrowser().go(action, init)).status).toBe(400);
    expect((await browser.go(action, { ...init, method: 'PUT' })).status).toBe(405);
    expect(
      (
        await browser.go(action, {
          ...init,
          body: new URLSearchParams({ email: author, password: 'x'.repeat(20_000) }),
        })
      ).status,
    ).toBe(400);
    expect((await browser.go(action, { ...init, body: new URLSearchParams({ email: '', password: '' }) })).status).toBe(
      400,
    );
    expect((await browser.go(action, init)).status).toBe(303);
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
