import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formOf, openBrowser } from '../../subgraphs/identity/test/browser.ts';
import { accountOf, eventually } from '../../subgraphs/identity/test/house.ts';
import { type AccessHouse, startAccessHouse } from './access-house.ts';
import { author, COOKIE, signingIn } from './browser-sign-in.ts';

describe('the end of a session in a browser', { timeout: 30_000 }, () => {
  let home: AccessHouse;
  beforeAll(async () => {
    home = await startAccessHouse();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const { at, toForm, signIn, session, cookieOf, whoAmI, own, logout } = signingIn(() => home);

  it('signs out: cookie, tokens of the same sign-in, and the provider', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const cookie = cookieOf(browser);
    const headers = await own(browser);
    for (const wrong of [{}, { origin: home.url }, { ...headers, origin: 'https://evil.test' }]) {
      expect((await browser.go(at('/logout'), { method: 'POST', headers: wrong })).status).toBe(403);
    }
    expect((await browser.go(at('/logout'))).status).toBe(405);
    const answer = await logout(browser);
    expect([answer.status, await answer.json()]).toEqual([200, { next: '/' }]);
    expect(browser.cookies('localhost').has(COOKIE)).toBe(false);
    const thief = openBrowser();
    thief.setCookie('localhost', COOKIE, cookie);
    expect(await whoAmI(thief, {}, 'GET')).toEqual({ code: 'UNAUTHENTICATED' });
    // The provider asks for the password again.
    expect((await toForm(browser)).html).toContain('type="password"');
    expect((await openBrowser().go(at('/logout'), { method: 'POST' })).status).toBe(200);
  });

  it('ends with a sign-out at the provider itself', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const { url, html } = await browser.follow(`${home.house.issuer}/session/end`);
    const [stay, stayInit] = formOf(url, html, {});
    await browser.follow(stay, () => false, stayInit);
    expect((await session(browser)).user?.id).toBe(accountOf(author).id);
    const again = await browser.follow(`${home.house.issuer}/session/end`);
    const [action, init] = formOf(again.url, again.html, { logout: 'yes' });
    expect((await browser.follow(action, () => false, init)).html).toContain('Signed out');
    await eventually('the end', 1_000, async () => (await whoAmI(browser, {}, 'GET')).code === 'UNAUTHENTICATED');
    expect((await toForm(browser)).html).toContain('type="password"');
  });

  it('signs in again after revokeSession, and the revoked cookie stays dead', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const revoked = cookieOf(browser);
    const { principal } = await whoAmI(browser, await own(browser));
    const { principal: full } = await home.whoAmI({ cookie: `${COOKIE}=${revoked}` });
    if (!full) throw new Error('nobody');
    await home.revoke(full, principal?.sessionId ?? null);
    await eventually('the end', 1_000, async () => (await whoAmI(browser, {}, 'GET')).code === 'UNAUTHENTICATED');
    expect(await session(browser)).toMatchObject({ user: null });
    expect((await toForm(browser)).html).toContain('type="password"');
    expect((await signIn(browser)).status).toBe(303);
    expect((await session(browser)).user?.id).toBe(accountOf(author).id);
    const thief = openBrowser();
    thief.setCookie('localhost', COOKIE, revoked);
    expect(await whoAmI(thief, {}, 'GET')).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it('asks for the password where the provider remembers a sign-in that was ended here', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const { principal } = await whoAmI(browser, {}, 'GET');
    // As with a provider whose sessions are not ours to end.
    await home.house.eyes.$executeRaw`update identity.session set ended_at = authenticated_at, end_reason = 'REVOKED'
      where id = ${principal?.sessionId}::uuid`;
    const refused = await signIn(browser);
    expect(refused.status).toBe(403);
    const link = /href="([^"]*)"/.exec(await refused.text())?.[1] ?? '';
    await eventually('another second', 2_000, () => Date.now() % 1000 < 100);
    expect((await signIn(browser, author, link)).status).toBe(303);
    expect((await session(browser)).user?.id).toBe(accountOf(author).id);
  });

  it('ends a cookie’s session by itself', async () => {
    const browser = openBrowser();
    await signIn(browser);
    const { principal } = await whoAmI(browser, {}, 'GET');
    await home.house.eyes
      .$executeRaw`update identity.session set expires_at = now() where id = ${principal?.sessionId}::uuid`;
    await eventually('the end', 5_500, async () => (await whoAmI(browser, {}, 'GET')).code === 'UNAUTHENTICATED');
  });
});
