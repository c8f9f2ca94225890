import { failure } from '@assay/failure';
import { verifyAllowed } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { Transaction } from '../adapters/database.ts';
import { GRANT_TTL_MS, type Grant } from '../grants/grant.ts';
import type { GrantSeal } from '../grants/seal.ts';
import { createToken, tokenHash } from '../grants/token.ts';
import { type LicenseKeyHash, parseLicenseKey } from '../keys/license-key.ts';
import { canDeliverLicensed, canDownloadOwn } from '../policy/downloadable.ts';
import type { AssetDirectory, DirectoryEntry } from './asset-directory.ts';
import { deliveredName } from './delivered-name.ts';
import type { Grants } from './grants.ts';

export interface DownloadDeps {
  readonly directory: AssetDirectory<Transaction>;
  readonly grants: Grants;
  readonly seal: GrantSeal;
  readonly hashKey: LicenseKeyHash;
  readonly edgeUrl: string;
}

export interface Download {
  readonly url: string;
  readonly expiresAt: Date;
}

/**
 * Makes a single-use grant, in the transaction that takes the seat and writes the audit entry: when Redis is away nothing of it
 * has happened. The counters are read before the states, so that a quarantine in between voids the grant.
 *
 * @throws Failure BAD_USER_INPUT (mistyped key), NOT_FOUND (wrong key, tenant or asset, in one answer), FORBIDDEN, CONFLICT (no seat),
 *   EXPIRED, INVALID_STATE, UPSTREAM_UNAVAILABLE
 */
export async function createDownload(
  deps: DownloadDeps,
  tx: Transaction,
  principal: Principal,
  assetId: string,
  typedKey: string | null,
): Promise<Download> {
  const { subject, tenantId } = principal;
  if (!subject || !tenantId) throw failure('UNAUTHENTICATED', 'Sign in to download.');
  const license = typedKey === null ? null : await takeSeat(deps, tx, assetId, typedKey);
  const epochs = await deps.grants.epochs(assetId, license);
  const asset = await deps.directory.find(tx, assetId);
  verifyAllowed(license === null ? canDownloadOwn(principal, asset) : canDeliverLicensed(asset));
  const token = createToken();
  const expiresAt = Date.now() + GRANT_TTL_MS;
  const grant: Grant = {
    id: tokenHash(token),
    boot: epochs.boot,
    asset: assetId,
    license,
    assetEpoch: epochs.asset,
    licenseEpoch: epochs.license,
    subject,
    tenant: tenantId,
    expiresAt,
    ...bytesOf(asset),
  };
  await tx.$queryRaw`select compliance.record('download.grant', ${assetId}, ${license === null ? 'owner' : 'licensee'})`;
  await deps.grants.keep(grant.id, deps.seal.seal(grant), GRANT_TTL_MS);
  return { url: `${deps.edgeUrl}/d/${token}`, expiresAt: new Date(expiresAt) };
}

interface SeatRow {
  readonly license_id: string;
  readonly is_expired: boolean;
  readonly is_seated: boolean;
}

/** @returns the licence's id, with a seat of it taken */
async function takeSeat({ hashKey }: DownloadDeps, tx: Transaction, assetId: string, typed: string): Promise<string> {
  const key = parseLicenseKey(typed);
  if (key === null) {
    const message = 'This licence key is mistyped: its check does not fit.';
    throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['input', 'licenseKey'], message }] });
  }
  const [row] = await tx.$queryRaw<SeatRow[]>`select * from licensing.take_seat(${hashKey(key)}, ${assetId}::uuid)`;
  if (!row) throw failure('NOT_FOUND', 'There is no such asset, or this key does not open it.');
  if (row.is_expired) throw failure('EXPIRED', 'This licence has expired.');
  if (!row.is_seated) throw failure('CONFLICT', 'No seat is left on this licence.');
  return row.license_id;
}

function bytesOf(asset: DirectoryEntry | null): Pick<Grant, 'sizeBytes' | 'key' | 'version' | 'mimeType' | 'fileName'> {
  if (!asset?.key || !asset.version || !asset.mimeType || asset.sizeBytes === null) {
    throw failure('INVALID_STATE', 'The bytes of this asset are not there to be downloaded.');
  }
  return {
    sizeBytes: Number(asset.sizeBytes),
    key: asset.key,
    version: asset.version,
    mimeType: asset.mimeType,
    fileName: deliveredName(asset.fileName, asset.mimeType),
  };
}
