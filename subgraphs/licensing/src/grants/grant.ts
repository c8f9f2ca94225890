import { licenseOf } from './places.ts';

/** How long a grant waits to be spent. */
export const GRANT_TTL_MS = 300_000;
/** How long the lease lasts that a spent grant turns into. */
export const LEASE_TTL_MS = 600_000;

/** What one download may be: written once by licensing, read by the edge, and by nobody believed without its seal. */
export interface Grant {
  /** The hash of its token, which is its name everywhere. */
  readonly id: string;
  /** Redis's `run_id`: a grant of an earlier life of Redis is void, so that no crash revives what was spent. */
  readonly boot: string;
  readonly asset: string;
  /** Null when the owner downloads what is his own. */
  readonly license: string | null;
  /** The counters as they stood before the asset's and the licence's (the owner's) state were read; any bump since voids the grant. */
  readonly assetEpoch: string;
  readonly licenseEpoch: string;
  /** The user who may download (UUID). */
  readonly subject: string;
  /** The user's tenant (UUID). */
  readonly tenant: string;
  /** Milliseconds since the epoch; after it the grant cannot be spent, whatever Redis says of its age. */
  readonly expiresAt: number;
  readonly sizeBytes: number;
  /** Where the bytes lie: the object's key and pinned version in the media bucket. */
  readonly key: string;
  readonly version: string;
  readonly mimeType: string;
  /** Sanitised at upload; what the file is called on the downloader's disk. */
  readonly fileName: string;
}

const FIELDS = 14;

/**
 * Writes a grant as the text that is sealed: a field a line, in this order, so that a script in Redis can read
 * the first seven as cheaply as the edge reads all.
 *
 * @throws TypeError when a field holds a line break
 */
export function formatGrant(grant: Grant): string {
  const {
    id,
    boot,
    asset,
    license,
    assetEpoch,
    licenseEpoch,
    subject,
    tenant,
    expiresAt,
    sizeBytes,
    key,
    version,
    mimeType,
    fileName,
  } = grant;
  const fields = [
    id,
    boot,
    asset,
    licenseOf(license, asset),
    assetEpoch,
    licenseEpoch,
    subject,
    tenant,
    expiresAt,
    sizeBytes,
    key,
    version,
    mimeType,
    fileName,
  ];
  if (fields.some((field) => String(field).includes('\n')))
    throw new TypeError('No field of a grant has a line break.');
  return fields.join('\n');
}

/** Reads what {@link formatGrant} wrote; null for everything else. Call it on text whose seal holds. */
export function parseGrant(text: string): Grant | null {
  const fields = text.split('\n');
  if (fields.length !== FIELDS || fields.includes('')) return null;
  const license = fields[3] ?? '';
  return {
    id: fields[0] ?? '',
    boot: fields[1] ?? '',
    asset: fields[2] ?? '',
    license: license.startsWith('owner:') ? null : license,
    assetEpoch: fields[4] ?? '',
    licenseEpoch: fields[5] ?? '',
    subject: fields[6] ?? '',
    tenant: fields[7] ?? '',
    expiresAt: Number(fields[8]),
    sizeBytes: Number(fields[9]),
    key: fields[10] ?? '',
    version: fields[11] ?? '',
    mimeType: fields[12] ?? '',
    fileName: fields[13] ?? '',
  };
}
