/** Who asks, in the order of the columns below. */
export const WHO = [
  'anonymous',
  'buyer',
  'author',
  'reviewer',
  'admin',
  'stranger',
  'platform_admin',
  'security',
] as const;
export type Who = (typeof WHO)[number];

/** The demo account of each; the author, the reviewer and the admin are northlight's, the buyer and the stranger tidepool's. */
export const ACCOUNT: Readonly<Record<Who, string | null>> = {
  anonymous: null,
  buyer: 'buyer@tidepool.test',
  author: 'author@northlight.test',
  reviewer: 'reviewer@northlight.test',
  admin: 'admin@northlight.test',
  stranger: 'author@tidepool.test',
  platform_admin: 'platform@assay.test',
  security: 'security@assay.test',
};

/** An answer as a word: what was asked for, `null`, `none` (an empty list), or the code of a refusal. */
export type Expected = 'ok' | 'null' | 'none' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'INVALID_STATE';

const un = 'UNAUTHENTICATED';
const no = 'FORBIDDEN';
const nf = 'NOT_FOUND';

/**
 * What the contract's table says, by hand: never derived from the permission table, which is checked against it.
 * Assets are the author's, of northlight: one PRIVATE, one TENANT, one MARKETPLACE, all READY, and one QUARANTINED.
 */
export const MATRIX: Readonly<Record<string, readonly Expected[]>> = {
  //                               anonymous buyer   author reviewer admin  stranger platform security
  'asset: marketplace': /*    */ ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  'asset: tenant, READY': /*  */ ['null', 'null', 'ok', 'ok', 'ok', 'null', 'null', 'null'],
  'asset: private, READY': /* */ ['null', 'null', 'ok', 'null', 'ok', 'null', 'null', 'null'],
  'asset: quarantined': /*    */ ['null', 'null', 'ok', 'null', 'ok', 'null', 'ok', 'null'],
  'evidence: marketplace': /* */ ['none', 'none', 'ok', 'none', 'ok', 'none', 'none', 'none'],
  'decision: marketplace': /* */ ['null', 'null', 'ok', 'null', 'ok', 'null', 'null', 'null'],
  'events: marketplace': /*   */ ['none', 'none', 'ok', 'none', 'ok', 'none', 'none', 'none'],
  'sha256: marketplace': /*   */ ['null', 'null', 'ok', 'ok', 'ok', 'null', 'null', 'null'],
  'moderationPreview: opinion': ['null', 'null', 'null', 'null', 'null', 'null', 'ok', 'null'],
  me: /*                      */ ['null', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  sessions: /*                */ [un, 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  license: /*                 */ ['null', 'ok', 'ok', 'null', 'ok', 'ok', 'null', 'null'],
  'asset.licenses': /*        */ ['none', 'ok', 'ok', 'none', 'ok', 'ok', 'none', 'none'],
  createUpload: /*            */ [un, no, 'ok', 'ok', no, 'ok', no, no],
  'finalizeUpload: another’s': [un, no, 'INVALID_STATE', nf, no, nf, no, no],
  'publishAsset: marketplace': [un, no, 'ok', no, 'ok', no, no, no],
  'publishAsset: private': /* */ [un, no, 'ok', nf, 'ok', nf, no, no],
  'deleteAsset: quarantined': [un, no, 'INVALID_STATE', nf, 'INVALID_STATE', nf, no, no],
  'moderateAsset: marketplace, RELEASE': [un, no, no, no, no, no, 'INVALID_STATE', no],
  'moderateAsset: malware, RELEASE': [un, no, no, no, no, no, 'INVALID_STATE', no],
  'moderateAsset: malware, RETRY': [un, no, no, no, no, no, 'INVALID_STATE', no],
  quarantine: /*              */ [un, no, no, no, no, no, 'ok', no],
  issueLicense: /*            */ [un, no, 'ok', no, 'ok', no, no, no],
  'createDownload: no key': /**/ [un, no, 'ok', no, no, no, no, no],
  // A key works for the buyer's tenant alone, of which the stranger is one.
  'createDownload: the buyer’s key': [un, 'ok', nf, nf, nf, 'ok', no, no],
  requestPrivilegedAccess: /* */ [un, no, no, no, no, no, no, 'ok'],
  privilegedAccessRequests: /**/ [un, no, no, no, no, no, 'ok', 'ok'],
  'approvePrivilegedAccess: unknown': [un, no, no, no, no, no, nf, no],
  'revokePrivilegedAccess: unknown': [un, no, no, no, no, no, nf, nf],
  'auditEntries: no grant': /**/ [un, no, no, no, no, no, no, no],
  'revokeSession: another’s': [un, nf, nf, nf, nf, nf, nf, nf],
};

/** The same for what is subscribed to, over each door that streams. */
export const STREAMS: Readonly<Record<string, readonly Expected[]>> = {
  //                           anonymous buyer author reviewer admin stranger platform security
  moderationEvents: /*    */ [un, no, no, no, no, no, 'ok', no],
  'assetEvents: private': [nf, nf, 'ok', nf, 'ok', nf, nf, nf],
  // Everybody knows of it, and its owner's side alone follows it.
  'assetEvents: marketplace': [un, no, 'ok', no, 'ok', no, no, no],
  'assetEvents: quarantined': [nf, nf, 'ok', nf, 'ok', nf, 'ok', nf],
  'assetProgress: private': [nf, nf, 'ok', nf, 'ok', nf, nf, nf],
  'assetProgress: marketplace': [un, no, 'ok', no, 'ok', no, no, no],
  'assetProgress: quarantined': [nf, nf, 'ok', nf, 'ok', nf, 'ok', nf],
};
