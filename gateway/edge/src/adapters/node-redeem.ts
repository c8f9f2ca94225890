import type { ServerResponse } from 'node:http';
import { requestIdOf } from '@assay/telemetry';
import { notFound, REQUEST_ID, tooManyRequests, undecided } from '../answers.ts';
import { REDIRECT_HEADERS, spend } from '../delivery/redeem.ts';
import type { EdgeDeps } from '../deps.ts';
import { seen } from '../seen.ts';
import { connectionOf, type Shortcut } from './node-server.ts';

/** A token as the path spells it. Everything else that begins so is the app's. */
const REDEMPTION = /^\/d\/([\w-]+)$/;

/**
 * `GET /d/{grant}` without a Request in between, of which there are many and each is small. The answers are the app's own;
 * only the redirect of a grant that was just spent is written by hand.
 */
export function createRedeemShortcut(deps: EdgeDeps): Shortcut {
  return (incoming, outgoing) => {
    const token = incoming.method === 'GET' ? REDEMPTION.exec(incoming.url ?? '')?.[1] : undefined;
    if (token === undefined) return false;
    const { headers, socket } = incoming;
    const { network, source } = connectionOf(socket);
    const requestId = requestIdOf(first(headers['x-request-id']));
    if (!deps.rate(source, deps.now())) {
      void write(outgoing, tooManyRequests(), requestId);
      return true;
    }
    const parent = first(headers['traceparent']);
    const spent = seen({ method: 'GET', path: '/d/', requestId, parent }, async (note) => {
      const location = await spend(token, { network, userAgent: headers['user-agent'] ?? '' }, requestId, deps);
      note({ 'http.response.status_code': location === null ? 404 : 303 });
      return location;
    });
    spent.then(
      (location) => {
        if (location === null) return void write(outgoing, notFound(), requestId);
        outgoing.writeHead(303, { ...REDIRECT_HEADERS, location, [REQUEST_ID]: requestId });
        outgoing.end();
      },
      (cause: unknown) => void write(outgoing, undecided(cause, deps.log), requestId),
    );
    return true;
  };
}

async function write(outgoing: ServerResponse, answer: Response, requestId: string): Promise<void> {
  const text = await answer.text();
  outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), [REQUEST_ID]: requestId });
  outgoing.end(text);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
