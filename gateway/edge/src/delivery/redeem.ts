import type { Grant } from '@assay/licensing/grants/grant';
import type { Redeemer } from '@assay/licensing/grants/seal';
import { tokenHash } from '@assay/licensing/grants/token';
import { step, traceparent } from '@assay/telemetry';
import { GUARDED_HEADERS, notFound } from '../answers.ts';
import type { EdgeDeps } from '../deps.ts';
import { attachment, safeFileName, safeMimeType } from './file-name.ts';

/** On the redirect: nothing is kept, and its link travels on in no Referer. */
export const REDIRECT_HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-length': '0',
};

/**
 * `GET /d/{grant}`: spends the grant and sends its redeemer to the lease; of a hundred requests at once one wins.
 *
 * Whatever is in the path takes the same road, one question to the ledger under its hash: what never existed, what is spent
 * and what expired differ in nothing.
 */
export async function redeem(token: string, redeemer: Redeemer, requestId: string, deps: EdgeDeps): Promise<Response> {
  const location = await spend(token, redeemer, requestId, deps);
  return location === null
    ? notFound()
    : new Response(null, { status: 303, headers: { ...REDIRECT_HEADERS, location } });
}

/**
 * Spends a grant.
 *
 * @param requestId under which the audit knows the redemption
 * @returns the path of its lease; null when there is nothing to spend
 */
export async function spend(
  token: string,
  redeemer: Redeemer,
  requestId: string,
  deps: EdgeDeps,
): Promise<string | null> {
  const grantId = tokenHash(token);
  const leaseToken = deps.seal.leaseToken(grantId, redeemer);
  const leaseId = tokenHash(leaseToken);
  const asked = { grantId, leaseId, address: redeemer.network, requestId };
  const from = performance.now();
  let outcome: Opened['outcome'] | 'redeemed' | 'failed' = 'failed';
  try {
    const sealed = await step(SPEND, () => deps.ledger.spend({ ...asked, trace: traceparent() }));
    const opened = openGrant(grantId, sealed, deps);
    outcome = opened.grant ? 'redeemed' : opened.outcome;
    return opened.grant && `/l/${leaseToken}/${encodeURIComponent(safeFileName(opened.grant.fileName))}`;
  } finally {
    deps.meters.redemptions.observe({ outcome }, (performance.now() - from) / 1_000);
  }
}

const SPEND = { name: 'spend grant', kind: 'client', attributes: { 'db.system.name': 'redis' } } as const;

/**
 * `HEAD /d/{grant}`: what there is to download. It spends nothing, because scanners of mail and previews of links ask that way.
 */
export async function describe(token: string, deps: EdgeDeps): Promise<Response> {
  const grantId = tokenHash(token);
  const { grant } = openGrant(grantId, await deps.ledger.findGrant(grantId), deps);
  if (grant === null) return notFound();
  const headers = {
    ...GUARDED_HEADERS,
    'content-type': safeMimeType(grant.mimeType),
    'content-length': String(grant.sizeBytes),
    'content-disposition': attachment(safeFileName(grant.fileName)),
  };
  return new Response(null, { status: 200, headers });
}

/** What is under a grant's id; why it is none is for figures and the log, and no answer ever tells. */
type Opened =
  | { readonly outcome: 'good'; readonly grant: Grant }
  | { readonly outcome: 'unknown' | 'expired' | 'forged'; readonly grant: null };

function openGrant(grantId: string, sealed: string | null, { seal, log, now }: EdgeDeps): Opened {
  if (sealed === null) return { outcome: 'unknown', grant: null };
  const grant = seal.open(sealed);
  if (grant?.id === grantId)
    return now() < grant.expiresAt ? { outcome: 'good', grant } : { outcome: 'expired', grant: null };
  log.error({ grant: grantId }, 'a grant in Redis is not as licensing sealed it: somebody else writes there');
  return { outcome: 'forged', grant: null };
}
