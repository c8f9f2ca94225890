/** A licence as it is read. */
export interface LicenseRecord {
  readonly id: string;
  readonly assetId: string;
  readonly seats: number;
  readonly seatsUsed: number;
  readonly keyHint: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Where a licence stands at a moment. */
export function licenseStateAt({ expiresAt, revokedAt }: LicenseRecord, now: Date): 'ACTIVE' | 'EXPIRED' | 'REVOKED' {
  if (revokedAt) return 'REVOKED';
  return expiresAt && expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
}
