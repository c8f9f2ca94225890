import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure } from '@assay/failure';
import { canUse, verifyAllowed } from '@assay/policy';
import type { PrincipalSigner } from '@assay/principal';
import { traceparent } from '@assay/telemetry';
import type { Access, RequestFacts } from '../access/port.ts';
import type { Route } from '../pipeline.ts';
import { answering, PERSONAL } from './browser.ts';

export interface ModerationPreviewDeps {
  readonly access: Access;
  /** Of the moderation process, which alone opens the quarantine. */
  readonly moderationUrl: string;
  /** For the audience `moderation`. */
  readonly sign: PrincipalSigner;
}

const PATH = /^\/moderation\/preview\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
const PATIENCE_MS = 10_000;

/**
 * `GET /moderation/preview/{id}`: the blurred preview of an asset in quarantine, for a moderator's live session or token.
 *
 * The gateway has no key to the quarantine. It says who asks, for half a minute, and passes on what the moderation process
 * answers. 401 without a sign-in, 403 to everybody else, 404 for what is not there to be seen.
 */
export function createModerationPreviewRoute(deps: ModerationPreviewDeps): Route {
  return {
    name: 'moderation-preview',
    matches: (path) => path.startsWith('/moderation/preview/'),
    answer: async (facts, request, response) => write(response, await answer(deps, facts, pathOf(request))),
  };
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://localhost').pathname;
}

function answer(deps: ModerationPreviewDeps, facts: RequestFacts, path: string): Promise<Response> {
  return answering(async () => {
    if (facts.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } });
    const principal = await deps.access.principalOf(facts);
    verifyAllowed(canUse(principal, 'media:admin'));
    const id = PATH.exec(path)?.[1];
    if (id === undefined) return new Response(null, { status: 404, headers: PERSONAL });
    const found = await ask(deps.moderationUrl, id, await deps.sign(principal));
    if (found.status !== 200) {
      await found.body?.cancel();
      if (found.status === 404) return new Response(null, { status: 404, headers: PERSONAL });
      throw failure('UPSTREAM_UNAVAILABLE', 'The preview cannot be shown now; try again soon.');
    }
    const headers = {
      ...PERSONAL,
      'content-type': 'image/jpeg',
      'content-disposition': 'inline',
      'content-security-policy': "default-src 'none'; sandbox",
    };
    return new Response(found.body, { status: 200, headers });
  });
}

async function ask(moderationUrl: string, id: string, token: string): Promise<Response> {
  try {
    const trace = traceparent();
    const headers = { authorization: `Bearer ${token}`, ...(trace === undefined ? {} : { traceparent: trace }) };
    return await fetch(new URL(`/preview/${id}`, moderationUrl), { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (cause) {
    throw failure('UPSTREAM_UNAVAILABLE', 'The preview cannot be shown now; try again soon.', { cause });
  }
}

async function write(response: ServerResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  if (!answer.body) return void response.end();
  await pipeline(Readable.from(answer.body), response);
}
