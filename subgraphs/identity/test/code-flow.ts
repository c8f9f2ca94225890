import { createHash, randomBytes } from 'node:crypto';
import { type Browser, formOf } from './browser.ts';
import type { House } from './house.ts';

/** The code flow of the command line's client (RFC 6749 section 4.1, RFC 7636), step by step. */
export function codeFlow(house: () => House) {
  const verifier = randomBytes(32).toString('base64url');
  const authorization = (changes: Record<string, string | undefined> = {}) => {
    const url = new URL('/auth', house().issuer);
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
    fetch(`${house().issuer}/token`, {
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
  return { verifier, authorization, isBack, spread, fillIn, redeem };
}
