/** Redis keys of the delivery. Tokens themselves are stored nowhere: `id` is always a token's hash. */
export const grantKey = (id: string): string => `grant:${id}`;
export const leaseKey = (id: string): string => `lease:${id}`;
/** Bytes that were taken of the lease's budget; absent until the first. */
export const leaseUseKey = (id: string): string => `lease:${id}:used`;
export const assetEpochKey = (asset: string): string => `epoch:asset:${asset}`;
export const previewEpochKey = (asset: string): string => `epoch:preview:${asset}`;
/** Of a licence, by what stands for it: see {@link licenseOf}. */
export const licenseEpochKey = (license: string): string => `epoch:license:${license}`;
/** What stands for the licence of a download: an owner has none, and his right to his asset stands in. */
export const licenseOf = (license: string | null, asset: string): string => license ?? `owner:${asset}`;
/** The stream that compliance drains into the audit trail. */
export const REDEMPTIONS = 'redemptions';

/** A counter that was never bumped is absent. */
export const FIRST_EPOCH = '0';
