/** What decides where a request for access stands. */
export interface AccessTimes {
  readonly approvedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Where a request stands at a moment. EXPIRED is never written: it is what the clock makes of APPROVED. */
export function accessStateAt(
  { approvedAt, expiresAt, revokedAt }: AccessTimes,
  now: Date,
): 'PENDING' | 'APPROVED' | 'EXPIRED' | 'REVOKED' {
  if (revokedAt) return 'REVOKED';
  if (!approvedAt || !expiresAt) return 'PENDING';
  return expiresAt > now ? 'APPROVED' : 'EXPIRED';
}
