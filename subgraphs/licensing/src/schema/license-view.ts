import { type LicenseRecord, licenseStateAt } from '../downloads/license-record.ts';
import { AssetType, LicenseState, LicenseType } from './license.type.ts';

/** A licence as the schema shows it. */
export function licenseView(record: LicenseRecord): LicenseType {
  const { id, assetId, seats, seatsUsed, keyHint, expiresAt } = record;
  const asset = Object.assign(new AssetType(), { id: assetId });
  const state = LicenseState[licenseStateAt(record, new Date())];
  return Object.assign(new LicenseType(), { id, asset, seats, seatsUsed, keyHint, state, expiresAt });
}

interface CountedRow extends Omit<LicenseRecord, 'seatsUsed'> {
  readonly _count: { readonly taken: number };
}

/** A row with its seats counted, as a record. */
export function recordOf({ _count, ...row }: CountedRow): LicenseRecord {
  return { ...row, seatsUsed: _count.taken };
}

/** What a licence is read with. */
export const WITH_SEATS = { _count: { select: { taken: true } } } as const;
