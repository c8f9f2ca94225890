import { REDIRECT_HEADERS, spend } from '../delivery/redeem.ts';
import type { EdgeDeps } from '../deps.ts';
import { connectionOf, type Shortcut } from './node-server.ts';

const PREFIX = '/d/';

/**
 * The one answer that is given without a Request and a Response in between: a grant that was just spent, of which there are
 * many and each is small. Whatever else comes of it, and a refusal above all, is the app's to answer: asked a second time, the
 * ledger still knows nothing of what it did not know.
 */
export function createRedeemShortcut(deps: EdgeDeps): Shortcut {
  return async (incoming, outgoing) => {
    const { method, url = '', headers, socket } = incoming;
    if (method !== 'GET' || !url.startsWith(PREFIX)) return false;
    const { network, source } = connectionOf(socket);
    if (!deps.rate(source, deps.now())) return false;
    const location = await spend(url.slice(PREFIX.length), { network, userAgent: headers['user-agent'] ?? '' }, deps);
    if (location === null) return false;
    outgoing.writeHead(303, { ...REDIRECT_HEADERS, location });
    outgoing.end();
    return true;
  };
}
