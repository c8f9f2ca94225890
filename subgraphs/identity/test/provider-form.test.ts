import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formOf, openBrowser } from './browser.ts';
import { codeFlow } from './code-flow.ts';
import { accountOf, type House, startHouse } from './house.ts';

const author = 'author@northlight.test';
describe('the form of the embedded provider', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const { authorization, fillIn } = codeFlow(() => house);
  const failures = () =>
    house.eyes.$queryRaw<
      { subject: string; outcome: string; actor: string; tenant_id: string | null; address: string }[]
    >`
      select subject, outcome, actor, tenant_id::text, address from compliance.audit_entry where action = 'session.login_failed' order by at`;
  const forgetAttempts = () => house.eyes.$executeRaw`delete from identity.login_attempt`;

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
});
