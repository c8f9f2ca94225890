import { randomUUID } from 'node:crypto';
import type { Redeemer } from '@assay/licensing/grants/seal';
import { tokenHash } from '@assay/licensing/grants/token';
import { GUARDED_HEADERS, notFound } from '../answers.ts';
import type { EdgeDeps } from '../deps.ts';
import { budgetOf } from './deliver.ts';
import { attachment, safeFileName, safeMimeType } from './file-name.ts';

/**
 * `GET /d/{grant}`: spends the grant and sends its redeemer to the lease; of a hundred requests at once one wins.
 * `HEAD` says what there is to download and spends nothing, because mail scanners and previews of links ask that way.
 *
 * Whatever is in the path takes the same road, a look into the ledger under its hash: what never existed, what is spent
 * and what expired differ in nothing.
 */
export async function redeem(token: string, redeemer: Redeemer, isHead: boolean, deps: EdgeDeps): Promise<Response> {
  const grantId = tokenHash(token);
  const sealed = await deps.ledger.findGrant(grantId);
  const grant = sealed === null ? null : deps.seal.open(grantId, sealed);
  if (sealed === null || grant === null || deps.now() >= grant.expiresAt) return notFound();

  const name = safeFileName(grant.fileName);
  if (isHead) {
    const headers = {
      'content-type': safeMimeType(grant.mimeType),
      'content-length': String(grant.sizeBytes),
      'content-disposition': attachment(name),
    };
    return new Response(null, { status: 200, headers: { ...GUARDED_HEADERS, ...headers } });
  }
  const leaseToken = deps.seal.leaseToken(grantId, redeemer);
  const isSpent = await deps.ledger.spend({
    grantId,
    sealed,
    grant,
    leaseId: tokenHash(leaseToken),
    budgetBytes: budgetOf(grant),
    requestId: randomUUID(),
    address: redeemer.network,
  });
  if (!isSpent) return notFound();
  return new Response(null, { status: 303, headers: { ...GUARDED_HEADERS, location: `/l/${leaseToken}/${encodeURIComponent(name)}` } });
}
