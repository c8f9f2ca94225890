import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { truncateAddress } from '../sessions/address.ts';
import { type LoginDeps, tryLogin } from './login.ts';
import { messagePage, type Page, signInPage } from './pages.ts';

const MAX_BODY_BYTES = 10_000;
const REFUSED = 'The e-mail address or the password is not right.';

export interface SignInDoor {
  readonly provider: Provider;
  readonly login: LoginDeps;
  /** Where "back" leads. */
  readonly consoleUrl: string;
}

/**
 * The sign-in form at `/sign-in/{uid}`. The provider's own signed cookie, which is set for this path alone, ties the
 * form to the browser that began the sign-in, so that nobody is signed in to somebody else's account by a foreign page.
 */
export async function serveSignIn(door: SignInDoor, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const details = await door.provider.interactionDetails(request, response).catch(() => null);
  if (details === null) {
    const message = 'This sign-in took too long, or was begun in another browser. Begin again.';
    return send(response, 400, messagePage('Begin again', message, door.consoleUrl));
  }
  const clientOrigin = new URL(String(details.params['redirect_uri'])).origin;
  const form = (status: number, email: string, problem: string | null) =>
    send(response, status, signInPage({ action: request.url ?? '', email, problem, clientOrigin }));

  if (request.method === 'GET' || request.method === 'HEAD')
    return form(200, String(details.params['login_hint'] ?? ''), null);
  if (request.method !== 'POST')
    return send(response, 405, messagePage('Not here', 'This page has a form.', door.consoleUrl));
  if (!isOwnOrigin(request, door.provider.issuer)) {
    return send(response, 403, messagePage('Not from here', 'The form was sent by another site.', door.consoleUrl));
  }
  const fields = await readForm(request);
  if (fields === null) return form(400, '', 'Fill in both fields.');
  const network = truncateAddress(request.socket.remoteAddress) ?? 'unknown';
  const outcome = await tryLogin(door.login, { ...fields, network, requestId: randomUUID() });
  switch (outcome.kind) {
    case 'accepted': {
      const login = { accountId: outcome.accountId, amr: ['pwd'] };
      return door.provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    }
    case 'refused':
      return form(401, fields.email, REFUSED);
    case 'rate_limited':
      response.setHeader('retry-after', outcome.retryAfterS);
      return form(429, fields.email, 'Too many attempts. Try again in a quarter of an hour.');
  }
}

/** A browser names the origin of every form it posts; a page of another site cannot name ours. */
function isOwnOrigin(request: IncomingMessage, issuer: string): boolean {
  const { origin } = request.headers;
  return origin === undefined || origin === new URL(issuer).origin;
}

async function readForm(request: IncomingMessage): Promise<{ email: string; password: string } | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  const fields = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  const email = fields.get('email') ?? '';
  const password = fields.get('password') ?? '';
  return email.length === 0 || email.length > 254 || password.length === 0 ? null : { email, password };
}

function send(response: ServerResponse, status: number, { html, headers }: Page): void {
  response.writeHead(status, { ...headers }).end(html);
}
