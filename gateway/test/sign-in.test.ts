import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../subgraphs/identity/test/browser.ts';
import { accountOf } from '../../subgraphs/identity/test/house.ts';
import { type AccessHouse, startAccessHouse } from './access-house.ts';
import { author, COOKIE, signingIn } from './browser-sign-in.ts';

const PRE_LOGIN = '__Host-assay-login';

describe('signing in with a browser', { timeout: 30_000 }, () => {
  let home: AccessHouse;
  beforeAll(async () => {
    home = await startAccessHouse();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const { at, toForm, toCallback, signIn, session, cookieOf, whoAmI, own, logout } = signingIn(() => home);

  it('leads to the provider and back to where one wanted to go, signed in', async () => {
    const browser = openBrowser();
    const answer = await signIn(browser, author, '/login?returnTo=/assets/1%3Ftab%3Devents');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/assets/1?tab=events']);
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith(`${COOKIE}=`)) ?? '';
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/'])
      expect(cookie.split('; ')).toContain(attribute);
    expect(cookie).not.toMatch(/domain/i);
    expect(browser.cookies('localhost').has(PRE_LOGIN)).toBe(false);
    const { user, csrf, expiresAt } = await session(browser);
    expect(user).toMatchObject({
      id: accountOf(author).id,
      displayName: 'Nora Author',
      email: author,
      roles: ['AUTHOR'],
      tenant: { slug: 'northlight' },
    });
    expect(csrf).toMatch(/^[\w-]{43}$/);
    expect(Date.parse(expiresAt ?? '') - Date.now()).toBeGreaterThan(11.9 * 3_600_000);
    expect((await whoAmI(browser, await own(browser))).principal).toMatchObject({ subject: accountOf(author).id });
  });

  it('keeps nothing of the cookie in the table', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const rows = await house().eyes.$queryRaw<{ row: string }[]>`select s::text as row from identity.session s`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(cookieOf(browser));
  });
  const house = () => home.house;

  it('says that nobody is signed in, before and with a cookie that holds nothing', async () => {
    const browser = openBrowser();
    expect(await session(browser)).toEqual({ csrf: null, user: null, expiresAt: null });
    browser.setCookie('localhost', COOKIE, 'made-up');
    expect(await session(browser)).toEqual({ csrf: null, user: null, expiresAt: null });
    expect(browser.cookies('localhost').has(COOKIE)).toBe(false);
  });

  it('takes a changing request with the token of its session and an allowed Origin only', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const other = openBrowser();
    await signIn(other, 'buyer@tidepool.test');
    const good = await own(browser);
    const foreign = (await own(other))['x-assay-csrf'];
    expect((await whoAmI(browser, good)).principal?.subject).toBe(accountOf(author).id);
    expect((await whoAmI(browser, { ...good, origin: 'https://console.assay.test' })).principal?.subject).toBe(
      accountOf(author).id,
    );
    const refused: Record<string, string>[] = [
      {},
      { origin: home.url },
      { 'x-assay-csrf': good['x-assay-csrf'] },
      { ...good, 'x-assay-csrf': foreign },
      { ...good, 'x-assay-csrf': `${good['x-assay-csrf']}x` },
      { ...good, 'x-assay-csrf': '' },
      { ...good, origin: 'https://evil.test' },
      { ...good, origin: 'null' },
      { ...good, origin: 'http://localhost:1' },
      { ...good, origin: home.url.replace('localhost', '127.0.0.1') },
      { ...good, origin: `${home.url}.evil.test` },
      { ...good, origin: home.url.replace('http:', 'https:') },
    ];
    for (const headers of refused) expect(await whoAmI(browser, headers)).toEqual({ code: 'FORBIDDEN' });
  });

  it('lets plain reads through, but not those of another origin’s page', async () => {
    const browser = openBrowser();
    await signIn(browser);
    // Straight to the port: Node's fetch has Fetch Metadata of its own.
    const cookie = `${COOKIE}=${cookieOf(browser)}`;
    const read = (headers: Record<string, string>) =>
      home.access.principalOf({ method: 'GET', headers: { cookie, ...headers }, address: '::1', requestId: 'r' }).then(
        ({ subject }) => subject,
        ({ code }) => code,
      );
    const me = accountOf(author).id;
    expect(await read({})).toBe(me);
    expect(await read({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(me);
    expect(await read({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toBe(me);
    expect(await read({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(me);
    expect(await read({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toBe('FORBIDDEN');
    expect(await read({ origin: 'https://evil.test' })).toBe('FORBIDDEN');
    expect(await read({ origin: 'http://localhost:1' })).toBe('FORBIDDEN');
  });

  it('prefers a bearer token to the cookie, and needs no Origin then', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const authorization = `Bearer ${await house().tokenOf('buyer@tidepool.test')}`;
    expect((await whoAmI(browser, { authorization })).principal?.subject).toBe(accountOf('buyer@tidepool.test').id);
    expect(await whoAmI(browser, { authorization: 'Bearer x' })).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it.each(['//evil.test', 'https://evil.test/', '/%5Cevil.test', '/%09/evil.test', 'javascript:alert(1)', '/login'])(
    'never ends at %s',
    async (returnTo) => {
      const browser = openBrowser();
      const answer = await signIn(
        browser,
        author,
        `/login?returnTo=${returnTo.includes('%') ? returnTo : encodeURIComponent(returnTo)}`,
      );
      expect(answer.headers.get('location')).toBe('/');
    },
  );

  it('begins a new session each time, whatever cookie was there before', async () => {
    const browser = openBrowser();
    browser.setCookie('localhost', COOKIE, 'planted-by-an-attacker');
    await signIn(browser);
    const first = cookieOf(browser);
    expect(first).toMatch(/^[\w-]{43}$/);
    const { csrf } = await session(browser);
    // The provider still knows the person: no form this time, and yet another session.
    await signIn(browser);
    const second = cookieOf(browser);
    expect(second).not.toBe(first);
    expect((await session(browser)).csrf).not.toBe(csrf);
    // And once more: a session that was only replaced speaks against nobody.
    expect((await signIn(browser)).status).toBe(303);
    expect([first, second]).not.toContain(cookieOf(browser));
    const thief = openBrowser();
    thief.setCookie('localhost', COOKIE, first);
    expect(await whoAmI(thief, {}, 'GET')).toEqual({ code: 'UNAUTHENTICATED' });
    thief.setCookie('localhost', COOKIE, 'planted-by-an-attacker');
    expect(await whoAmI(thief, {}, 'GET')).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it('ends the session of whoever used this browser before', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const former = cookieOf(browser);
    const apart = openBrowser();
    apart.setCookie('localhost', COOKIE, former);
    for (const [name, value] of browser.cookies('localhost')) apart.setCookie('localhost', name, value);
    // A new sign-in at the provider, as somebody else.
    await signIn(apart, 'buyer@tidepool.test');
    expect((await session(apart)).user?.id).toBe(accountOf('buyer@tidepool.test').id);
    expect(await whoAmI(browser, {}, 'GET')).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it('takes a callback in the browser that began it, once, and unchanged', async () => {
    const victim = openBrowser();
    const attacker = openBrowser();
    const attackersCallback = await toCallback(attacker);
    // An attacker's link signs nobody in to the attacker's account.
    expect((await victim.go(attackersCallback)).status).toBe(400);
    await toForm(victim);
    expect((await victim.go(attackersCallback)).status).toBe(400);
    expect(victim.cookies('localhost').has(COOKIE)).toBe(false);
    const sealed = attacker.cookies('localhost').get(PRE_LOGIN) ?? '';
    attacker.setCookie('localhost', PRE_LOGIN, `${sealed.slice(0, -2)}AA`);
    expect((await attacker.go(attackersCallback)).status).toBe(400);
    attacker.setCookie('localhost', PRE_LOGIN, sealed);
    for (const [name, value] of [
      ['state', 'another'],
      ['code', 'another'],
      ['iss', 'http://127.0.0.2:1'],
    ] as const) {
      const changed = new URL(attackersCallback);
      changed.searchParams.set(name, value);
      attacker.setCookie('localhost', PRE_LOGIN, sealed);
      expect((await attacker.go(changed)).status).toBe(400);
    }
    attacker.setCookie('localhost', PRE_LOGIN, sealed);
    expect((await attacker.go(attackersCallback)).status).toBe(303);
    attacker.setCookie('localhost', PRE_LOGIN, sealed);
    expect((await attacker.go(attackersCallback)).status).toBe(400);
  });

  it('shows a refusal of the provider as a page of its own, without its words', async () => {
    const browser = openBrowser();
    await toForm(browser);
    const answer = await browser.go(
      at('/callback?error=access_denied&error_description=<script>alert(1)</script>&state=x'),
    );
    expect(answer.status).toBe(400);
    const html = await answer.text();
    expect(html).toContain('Begin again');
    expect(html).not.toContain('script');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('writes sign-ins and sign-outs to the audit trail, with a truncated address', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const { principal } = await whoAmI(browser, {}, 'GET');
    await logout(browser);
    const entries = await house().eyes.$queryRaw`select action, actor, outcome, address from compliance.audit_entry
      where subject = ${principal?.sessionId} order by at`;
    const common = {
      actor: accountOf(author).id,
      outcome: 'OK',
      address: expect.stringMatching(/^(127\.0\.0\.0\/24|::\/48)$/),
    };
    expect(entries).toEqual([
      { action: 'session.login', ...common },
      { action: 'session.logout', ...common },
    ]);
  });

  it('says so when the provider is away, and goes on when it is back', async () => {
    const signedIn = openBrowser();
    await signIn(signedIn);
    await house().stopProvider();
    const answer = await openBrowser().go(at('/login'));
    // Metadata that is known is used; the provider itself then does not answer the browser.
    expect([303, 503]).toContain(answer.status);
    expect((await session(signedIn)).user?.id).toBe(accountOf(author).id);
    await house().startProvider();
    expect((await signIn(openBrowser())).status).toBe(303);
  });
});
