import { failure, type Problem } from '@assay/failure';
import { canActOnAsset, verifyAllowed } from '@assay/policy';
import type { Principal } from '@assay/principal';
import type { Transaction } from '../adapters/database.ts';
import { createLicenseKey, keyHintOf, type LicenseKeyHash } from '../keys/license-key.ts';
import type { AssetDirectory } from './asset-directory.ts';
import type { LicenseRecord } from './license-record.ts';

export interface NewLicense {
  readonly assetId: string;
  readonly buyerTenantId: string;
  readonly seats: number;
  readonly expiresAt: Date | null;
}

export interface IssueDeps {
  readonly directory: AssetDirectory<Transaction>;
  readonly hashKey: LicenseKeyHash;
}

const MAX_SEATS = 10_000;

/**
 * Issues a licence of a READY asset to a tenant.
 *
 * @returns the licence, and its key: nobody sees it again
 * @throws Failure BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, INVALID_STATE
 */
export async function issueLicense(
  { directory, hashKey }: IssueDeps,
  tx: Transaction,
  principal: Principal,
  { assetId, buyerTenantId, seats, expiresAt }: NewLicense,
): Promise<{ readonly license: LicenseRecord; readonly key: string }> {
  verifyTerms(seats, expiresAt);
  const asset = await directory.find(tx, assetId);
  verifyAllowed(canActOnAsset(principal, asset));
  if (!asset || !principal.subject) throw failure('NOT_FOUND', 'There is no such asset.');
  if (asset.state !== 'READY') throw failure('INVALID_STATE', 'Licences are issued for READY assets.');
  await verifyTenant(tx, buyerTenantId);
  const key = createLicenseKey();
  const license = await tx.license.create({
    data: {
      assetId,
      sellerTenantId: asset.tenantId,
      sellerId: asset.ownerId,
      buyerTenantId,
      seats,
      keyHash: hashKey(key),
      keyHint: keyHintOf(key),
      issuedBy: principal.subject,
      expiresAt,
    },
  });
  await tx.$queryRaw`select compliance.record('license.issue', ${license.id}, ${`${seats} seats`})`;
  return { license: { ...license, seatsUsed: 0 }, key };
}

/** A licence for a tenant that is none would open nothing, and keep the asset's bytes for ever. */
async function verifyTenant(tx: Transaction, tenantId: string): Promise<void> {
  const [row] = await tx.$queryRaw<{ known: boolean }[]>`select identity.has_tenant(${tenantId}::uuid) as known`;
  if (row?.known) return;
  const message = 'There is no tenant of this id. Whoever buys sees his own under the name of his account.';
  throw failure('BAD_USER_INPUT', message, { problems: [{ path: ['input', 'tenantId'], message }] });
}

function verifyTerms(seats: number, expiresAt: Date | null): void {
  const problems: Problem[] = [];
  if (seats < 1 || seats > MAX_SEATS)
    problems.push({ path: ['input', 'seats'], message: `Seats are from 1 to ${MAX_SEATS}.` });
  if (expiresAt && expiresAt.getTime() <= Date.now())
    problems.push({ path: ['input', 'expiresAt'], message: 'A licence ends in the future.' });
  if (problems.length > 0)
    throw failure('BAD_USER_INPUT', problems.map(({ message }) => message).join(' '), { problems });
}
