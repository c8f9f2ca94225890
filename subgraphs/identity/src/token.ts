import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

export interface TokenRequest {
  readonly issuer: string;
  /** A public client with a loopback redirect. */
  readonly clientId?: string;
  readonly email: string;
  readonly password: string;
}

/** Never listened on: whoever fills in the form sees the redirect itself. */
const REDIRECT_URI = 'http://127.0.0.1/callback';
const MAX_REDIRECTS = 8;

/**
 * Signs in at the embedded provider as a person with a browser would, by the authorization code flow with PKCE
 * (RFC 6749 section 4.1, RFC 7636, RFC 8252), and returns the access token.
 *
 * @throws Error that says what the provider answered; it never holds the password
 */
export async function obtainToken({ issuer, clientId = 'cli', email, password }: TokenRequest): Promise<string> {
  const endpoints = await discover(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const code = await signIn(authorizationUrl(endpoints.authorization_endpoint, { clientId, verifier, state }), {
    state,
    email,
    password,
  });
  return redeem(endpoints.token_endpoint, { clientId, verifier, code });
}

const discovery = z.object({ issuer: z.string(), authorization_endpoint: z.url(), token_endpoint: z.url() });

async function discover(issuer: string) {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  const endpoints = discovery.parse(await answer.json());
  if (endpoints.issuer !== issuer) throw new Error(`The provider at ${issuer} calls itself ${endpoints.issuer}.`);
  return endpoints;
}

interface Request {
  readonly clientId: string;
  readonly verifier: string;
  readonly state: string;
}

function authorizationUrl(endpoint: string, { clientId, verifier, state }: Request): URL {
  const url = new URL(endpoint);
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return url;
}

interface Person {
  readonly state: string;
  readonly email: string;
  readonly password: string;
}

/** Follows redirects with the cookies they set, fills in the form once, and stops where the code comes back. */
async function signIn(start: URL, { state, email, password }: Person): Promise<string> {
  const cookies = new Map<string, string>();
  let next = start;
  let body: URLSearchParams | null = null;
  for (let hop = 0; hop < MAX_REDIRECTS; hop += 1) {
    const answer: Response = await fetch(next, {
      method: body === null ? 'GET' : 'POST',
      body,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
    });
    keepCookies(cookies, answer);
    const location = answer.headers.get('location');
    const page = await answer.text();
    if (location === null) {
      if (body !== null || !page.includes('type="password"')) throw new Error(refusal(email, answer.status));
      body = new URLSearchParams({ email, password });
      continue;
    }
    body = null;
    next = new URL(location, next);
    if (next.href.startsWith(REDIRECT_URI)) return codeOf(next, state);
  }
  throw new Error('The provider redirects without an end.');
}

function refusal(email: string, status: number): string {
  if (status === 401) return `The provider does not take this password for ${email}.`;
  if (status === 429) return `There were too many attempts for ${email}; try again in a quarter of an hour.`;
  return `The provider answered ${status} where a sign-in form was expected.`;
}

function keepCookies(cookies: Map<string, string>, answer: Response): void {
  for (const line of answer.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

function codeOf(redirect: URL, state: string): string {
  const { searchParams } = redirect;
  const code = searchParams.get('code');
  if (searchParams.get('state') !== state) throw new Error('The answer belongs to another sign-in.');
  if (code === null) throw new Error(`The provider refused: ${searchParams.get('error_description') ?? 'no reason'}.`);
  return code;
}

async function redeem(
  endpoint: string,
  { clientId, verifier, code }: { clientId: string; verifier: string; code: string },
): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      code,
      code_verifier: verifier,
    }),
  });
  if (!answer.ok) throw new Error(`The provider did not redeem its code: ${await answer.text()}`);
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}
