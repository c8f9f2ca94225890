/** Redis keys of the delivery. Tokens themselves are stored nowhere: `id` is always a token's hash. */
export const grantKey = (id: string): string => `grant:${id}`;
export const leaseKey = (id: string): string => `lease:${id}`;
/** Bytes that were taken of the lease's budget; absent until the first. */
export const leaseUseKey = (id: string): string => `lease:${id}:used`;
export const assetEpochKey = (asset: string): string => `epoch:asset:${asset}`;
/** An owner's download has no licence; then a key that nobody writes stands in. */
export const licenseEpochKey = (license: string | null): string => `epoch:license:${license ?? 'none'}`;
/** The stream that compliance drains into the audit trail. */
export const REDEMPTIONS = 'redemptions';

/** A counter that was never bumped is absent. */
export const FIRST_EPOCH = '0';
