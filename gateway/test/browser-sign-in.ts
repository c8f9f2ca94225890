import { z } from 'zod';
import { type Browser, formOf } from '../../subgraphs/identity/test/browser.ts';
import type { AccessHouse } from './access-house.ts';

export const author = 'author@northlight.test';
export const COOKIE = '__Host-assay';

const sessionAnswer = z.object({
  csrf: z.string().nullable(),
  user: z.looseObject({ id: z.string(), displayName: z.string() }).nullable(),
  expiresAt: z.iso.datetime().nullable(),
});

/** What a browser does to sign in and out at a house, and what it learns of itself there. */
export function signingIn(home: () => AccessHouse) {
  const at = (path: string) => new URL(path, home().url);
  const isConsole = (url: URL) => url.origin === home().url && url.pathname !== '/login';
  const toForm = (browser: Browser, path = '/login') => browser.follow(at(path), isConsole);
  /** Everything up to the callback, which is left to the caller. */
  const toCallback = async (browser: Browser, email = author, path = '/login') => {
    const { url, html } = await toForm(browser, path);
    if (isConsole(url)) return url;
    const [action, init] = formOf(url, html, { email, password: home().house.passwordOf(email) });
    return (await browser.follow(action, isConsole, init)).url;
  };
  const signIn = async (browser: Browser, email = author, path = '/login') =>
    browser.go(await toCallback(browser, email, path));
  const session = async (browser: Browser) => sessionAnswer.parse(await (await browser.go(at('/session'))).json());
  const cookieOf = (browser: Browser) => browser.cookies('localhost').get(COOKIE) ?? '';
  const whoAmI = async (browser: Browser, headers: Record<string, string> = {}, method = 'POST') => {
    const answer = await browser.go(at('/whoami'), { method, headers });
    return z
      .object({
        principal: z.looseObject({ subject: z.string().nullable(), sessionId: z.string().nullable() }).optional(),
        code: z.string().optional(),
      })
      .parse(await answer.json());
  };
  const own = async (browser: Browser) => ({ origin: home().url, 'x-assay-csrf': (await session(browser)).csrf ?? '' });
  const logout = async (browser: Browser) => browser.go(at('/logout'), { method: 'POST', headers: await own(browser) });
  return { at, isConsole, toForm, toCallback, signIn, session, cookieOf, whoAmI, own, logout };
}
